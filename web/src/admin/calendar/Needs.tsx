import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import styles from "@/admin/calendar/Calendar.module.css";
import { dayQuery, type Planned, waitingQuery } from "@/admin/calendar/queries";
import { Card, Count } from "@/admin/Card";
import { Failed } from "@/admin/Failed";
import { useNow } from "@/admin/clock";
import { DESK } from "@/admin/access";
import { resourcesQuery, useDesk } from "@/admin/tenant";
import { TransitionButton } from "@/admin/TransitionButton";
import { useWords } from "@/texts/admin";
import { Bone, Skeleton } from "@/ui/Skeleton";
import { StateBadge } from "@/ui/StateBadge";

type Reserved = Pick<Planned, "id" | "tenant" | "guest">;

/** What needs a person today: who has to be checked in or out, and what waits for room or a decision. */
export function Needs({ today }: { today: string }) {
  const speech = useWords();
  const { text } = speech;
  const { tenant, membership } = useDesk();
  const day = useQuery({ ...dayQuery(tenant, today), refetchInterval: 60_000 });
  const waiting = useQuery({ ...waitingQuery(tenant), refetchInterval: 60_000 });
  const resources = useQuery(resourcesQuery(tenant));
  const now = new Date(useNow()).toISOString();
  const nameOf = (id: string) => resources.data?.find((one) => one.id === id)?.name ?? "";
  const failed = [day, waiting].find(({ isError, data }) => isError && data === undefined);
  if (failed !== undefined) {
    return (
      <Card title={text("needs.title")}>
        <div className={styles.inside}>
          <Failed error={failed.error} retry={() => void Promise.all([day.refetch(), waiting.refetch()])} />
        </div>
      </Card>
    );
  }
  if (day.data === undefined || waiting.data === undefined) {
    return (
      <Card title={text("needs.title")}>
        <div className={styles.inside}>
          <Skeleton label={text("load.waiting")}>
            <Bone height="120px" />
          </Skeleton>
        </div>
      </Card>
    );
  }
  const arrivals = day.data.arrivals.filter(({ state }) => state === "confirmed");
  const departures = day.data.departures.filter(({ state, ends_at }) => state === "checked_in" && ends_at <= now);
  const room = waiting.data.items.filter(({ waits_for }) => waits_for === "room");
  const approval = waiting.data.items.filter(({ waits_for }) => waits_for === "approval");
  const may = DESK.includes(membership.role);
  const units = (one: Planned) => (one.unit_labels.length === 0 ? nameOf(one.resource_id) : speech.list(one.unit_labels));
  const count = arrivals.length + departures.length + room.length + approval.length;
  return (
    <Card
      title={
        <>
          {text("needs.title")} <Count value={count} />
        </>
      }
    >
      {count === 0 && <p className={`${styles.inside} muted`}>{text("needs.nothing")}</p>}
      <Part title={text("needs.arrivals")} count={arrivals.length}>
        {arrivals.map((one) => (
          <Item key={one.id} one={one} hint={`${units(one)}, ${text("calendar.people", { count: one.party_size })}`}>
            {may && <TransitionButton reservation={one} action="check-in" />}
          </Item>
        ))}
      </Part>
      <Part title={text("needs.departures")} count={departures.length}>
        {departures.map((one) => (
          <Item key={one.id} one={one} hint={units(one)}>
            {may && <TransitionButton reservation={one} action="check-out" />}
          </Item>
        ))}
      </Part>
      <Part title={text("needs.approval")} count={approval.length}>
        {approval.map((one) => (
          <Item key={one.id} one={one} hint={`${nameOf(one.resource_id)}, ${speech.moment(one.starts_at)}`}>
            {may && <TransitionButton reservation={one} action="confirm" />}
          </Item>
        ))}
      </Part>
      <Part title={text("needs.room")} count={room.length}>
        {room.map((one) => (
          <Item
            key={one.id}
            one={one}
            hint={`${nameOf(one.resource_id)}, ${speech.moment(one.starts_at)}`}
            until={one.pending_until == null ? undefined : text("needs.lapses", { until: speech.moment(one.pending_until) })}
          >
            <StateBadge state="pending" label={text("state.pending")} />
          </Item>
        ))}
      </Part>
    </Card>
  );
}

function Part({ title, count, children }: { title: string; count: number; children: ReactNode }) {
  if (count === 0) return null;
  return (
    <section className={styles.part}>
      <h3>
        {title} <Count value={count} />
      </h3>
      <ul>{children}</ul>
    </section>
  );
}

function Item({ one, hint, until, children }: { one: Reserved; hint: string; until?: string | undefined; children: ReactNode }) {
  return (
    <li>
      <span className={styles.who}>
        <Link to="/$tenant/reservations/$reservation" params={{ tenant: one.tenant, reservation: one.id }} className="clip" dir="auto">
          {one.guest.name}
        </Link>
        <span className="small muted">{hint}</span>
        {until !== undefined && <span className="small muted">{until}</span>}
      </span>
      {children}
    </li>
  );
}
