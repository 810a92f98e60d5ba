import { type ReactNode, useEffect, useState } from "react";

import { api, ask } from "@/admin/client";
import { isMessage } from "@/realtime/messages";
import { Realtime, RealtimeContext } from "@/realtime/Realtime";
import type { EditLock } from "@/realtime/locks";

const PAGE = 200;

/** Keep the tab's live connection to a tenant while its pages are open. */
export function Live({ tenant, children }: { tenant: string; children: ReactNode }) {
  const [realtime] = useState(() => connect(tenant));
  useEffect(() => {
    realtime.start();
    return realtime.stop;
  }, [realtime]);
  return <RealtimeContext value={realtime}>{children}</RealtimeContext>;
}

function connect(tenant: string): Realtime {
  return new Realtime(
    {
      address: async (signal) => (await ask(() => api.POST("/v1/auth/ws-tickets", { body: { tenant }, signal }))).url,
      missed: async (after, cursor, signal) => {
        const query = { after, limit: PAGE, ...(cursor === null ? {} : { cursor }) };
        const page = await ask(() => api.GET("/v1/tenants/{tenant}/events", { params: { path: { tenant }, query }, signal }));
        return { items: (page.items as unknown[]).filter(isMessage), next: page.next_cursor };
      },
      open: (address) => new WebSocket(address),
      random: Math.random,
    },
    async () => {
      const page = await ask(() => api.GET("/v1/tenants/{tenant}/edit-locks", { params: { path: { tenant } } }));
      return page.items.map(
        (one): EditLock => ({
          id: one.id,
          resourceId: one.resource_id,
          startsAt: Date.parse(one.starts_at),
          endsAt: Date.parse(one.ends_at),
          holderId: one.holder.id,
          holderName: one.holder.name,
        }),
      );
    },
  );
}
