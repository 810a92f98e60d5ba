import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { previewQuery } from "@/admin/closures/queries";
import { reasonOf } from "@/admin/Failed";
import { useDesk } from "@/admin/tenant";
import type { Schemas } from "@/api/client";
import { useWords } from "@/texts/admin";
import { Notice } from "@/ui/Notice";

/** Who has reserved what would be closed: they are moved or cancelled first, the closure waits for that. */
export function Conflicting({ request }: { request: Schemas["CloseUnits"] | null }) {
  const speech = useWords();
  const { text, occasion } = speech;
  const { tenant } = useDesk();
  const body = request === null ? null : { ...request, reason: "" };
  const found = useQuery({ ...previewQuery(tenant, body), placeholderData: keepPreviousData });
  if (request === null) return null;
  if (found.isError) return <Notice kind="bad" title={reasonOf(found.error, speech)} />;
  if (found.data === undefined) return <p className="muted">{text("load.waiting")}</p>;
  const { reservations } = found.data;
  if (reservations.length === 0) return <Notice kind="ok" title={text("closures.free")} />;
  return (
    <Notice kind="bad" title={text("closures.conflicts", { count: reservations.length })}>
      <ul>
        {reservations.map((one) => (
          <li key={one.id}>
            <Link to="/$tenant/reservations/$reservation" params={{ tenant, reservation: one.id }}>
              {one.code}
            </Link>
            , {occasion(one.starts_at, one.ends_at)}
          </li>
        ))}
      </ul>
      <p>{text("closures.conflicts.hint")}</p>
    </Notice>
  );
}
