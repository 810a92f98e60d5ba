import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { Card } from "@/admin/Card";
import { useNow } from "@/admin/clock";
import { Failed } from "@/admin/Failed";
import styles from "@/admin/guests/Guests.module.css";
import { type Guest, type Stay, stayQuery } from "@/admin/guests/queries";
import { Money } from "@/admin/Money";
import { spanOf } from "@/admin/span";
import { resourcesQuery, useDesk } from "@/admin/tenant";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Bone, Skeleton } from "@/ui/Skeleton";
import { StateBadge } from "@/ui/StateBadge";

/** What a guest has reserved: what is to come first, then what was. */
export function Stays({ guest }: { guest: Guest }) {
  const { text } = useWords();
  const { tenant } = useDesk();
  const found = useInfiniteQuery(stayQuery(tenant, guest.id));
  const resources = useQuery(resourcesQuery(tenant));
  const names = new Map((resources.data ?? []).map(({ id, name }) => [id, name]));
  const rows = found.data?.pages.flatMap(({ items }) => items);
  const now = new Date(useNow()).toISOString();
  const [coming, past] = [(rows ?? []).filter(({ ends_at }) => ends_at > now).toReversed(), (rows ?? []).filter(({ ends_at }) => ends_at <= now)];
  return (
    <Card title={text("area.reservations")}>
      {rows === undefined ? (
        <div className={styles.inside}>
          {found.isError ? (
            <Failed error={found.error} retry={() => void found.refetch()} />
          ) : (
            <Skeleton label={text("load.waiting")}>
              <Bone height="120px" />
            </Skeleton>
          )}
        </div>
      ) : rows.length === 0 ? (
        <p className={`${styles.inside} muted`}>{text("guests.stays.none")}</p>
      ) : (
        <>
          <Group title={text("guests.stays.coming")} stays={coming} names={names} />
          <Group title={text("guests.stays.past")} stays={past} names={names} />
        </>
      )}
      {found.hasNextPage && (
        <div className={styles.inside}>
          <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            {text("list.more")}
          </Button>
        </div>
      )}
    </Card>
  );
}

function Group({ title, stays, names }: { title: string; stays: Stay[]; names: Map<string, string> }) {
  const speech = useWords();
  const { text } = speech;
  const { tenant } = useDesk();
  if (stays.length === 0) return null;
  return (
    <section className={styles.group}>
      <h3>{title}</h3>
      <ul className={styles.stays}>
        {stays.map((one) => (
          <li key={one.id}>
            <Link to="/$tenant/reservations/$reservation" params={{ tenant, reservation: one.id }}>
              {spanOf(one, speech)}
            </Link>
            <StateBadge state={one.state} label={text(`state.${one.state}`)} />
            <span className="muted small">
              {names.get(one.resource_id) ?? ""} · <span className={styles.code}>{one.code}</span>
            </span>
            <span className={styles.numeric}>
              <Money amount={one.due} />
            </span>
            {one.notes !== "" && (
              <span className={`${styles.notes ?? ""} small`} dir="auto">
                {one.notes}
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
