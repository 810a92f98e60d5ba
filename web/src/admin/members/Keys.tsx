import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Card } from "@/admin/Card";
import { api } from "@/admin/client";
import { reasonOf } from "@/admin/Failed";
import { Loaded } from "@/admin/Loaded";
import { NewKeyDialog } from "@/admin/members/NewKeyDialog";
import { type ApiKey, keysQuery } from "@/admin/members/queries";
import styles from "@/admin/Page.module.css";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { useWrite } from "@/admin/useWrite";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";

/** With what other systems work for the business. */
export function Keys() {
  const { text, instant, list } = useWords();
  const { tenant } = useDesk();
  const found = useQuery(keysQuery(tenant));
  const [isNew, setNew] = useState(false);
  const [revoked, setRevoked] = useState<ApiKey | null>(null);
  return (
    <Card
      title={text("members.keys")}
      aside={
        <Button kind="primary" onClick={() => setNew(true)}>
          {text("members.key.new")}
        </Button>
      }
    >
      <Loaded found={found} nothing={text("members.keys.none")}>
        {(one) => (
          <li key={one.id}>
            <span className={styles.main}>
              <b dir="auto">{one.name}</b>
              <span className="muted small">
                berth_{one.prefix}… · {list(one.scopes)}
              </span>
              <span className="muted small">
                {one.last_used_at === null ? text("members.key.unused") : text("members.key.used", { at: instant(one.last_used_at) })}
                {one.expires_at !== null && ` · ${text("members.until", { at: instant(one.expires_at) })}`}
                {one.created_by_name !== null && ` · ${one.created_by_name}`}
              </span>
            </span>
            <Button aria-label={text("members.key.revoke.of", { name: one.name })} onClick={() => setRevoked(one)}>
              {text("members.key.revoke")}
            </Button>
          </li>
        )}
      </Loaded>
      {isNew && <NewKeyDialog onClose={() => setNew(false)} />}
      {revoked !== null && <RevokeDialog apiKey={revoked} onClose={() => setRevoked(null)} />}
    </Card>
  );
}

function RevokeDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const speech = useWords();
  const { text } = speech;
  const { tenant } = useDesk();
  const revoke = useWrite<null, unknown>(
    () => () => api.DELETE("/v1/tenants/{tenant}/api-keys/{api_key}", { params: { path: { tenant, api_key: apiKey.id } } }),
    () => {
      toasts.say(text("members.key.revoked", { name: apiKey.name }));
      onClose();
    },
  );
  return (
    <Dialog
      title={text("members.key.revoke.of", { name: apiKey.name })}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{text("shell.cancel")}</Button>
          <Button kind="danger" busy={revoke.isPending} onClick={() => revoke.mutate(null)}>
            {text("members.key.revoke")}
          </Button>
        </>
      }
    >
      {revoke.isError && <Notice kind="bad" title={reasonOf(revoke.error, speech)} />}
      <p>{text("members.key.revoke.hint")}</p>
    </Dialog>
  );
}
