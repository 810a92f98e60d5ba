import { daysBetween } from "@/admin/clock";
import styles from "@/admin/reservations/Reservation.module.css";
import type { Reservation } from "@/admin/reservations/queries";
import type { Schemas } from "@/api/client";
import { useWords } from "@/texts/admin";

interface Props {
  reservation: Reservation;
  resource: Schemas["ResourceDetails"] | undefined;
  units: string[];
}

/** From when to when, where, and for how many. */
export function StayCard({ reservation: one, resource, units }: Props) {
  const { text, instant, list } = useWords();
  const day: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short" };
  const time: Intl.DateTimeFormatOptions = { hour: "numeric", minute: "2-digit", timeZoneName: "short" };
  const nights = one.check_in_on != null && one.check_out_on != null ? daysBetween(one.check_in_on, one.check_out_on) : null;
  const minutes = Math.round((Date.parse(one.ends_at) - Date.parse(one.starts_at)) / 60_000);
  return (
    <section className={`${styles.card} ${styles.stay}`}>
      <div>
        <h2>{text("stay.arrives")}</h2>
        <p className={styles.big}>{instant(one.starts_at, day)}</p>
        <p className="muted">{instant(one.starts_at, time)}</p>
      </div>
      <div className={styles.nights}>
        <span className={styles.line} />
        <b>{nights === null ? text("stay.minutes", { hours: Math.floor(minutes / 60), minutes: minutes % 60 }) : text("stay.nights", { count: nights })}</b>
        <span className={styles.line} />
      </div>
      <div className={styles.end}>
        <h2>{text("stay.leaves")}</h2>
        <p className={styles.big}>{instant(one.ends_at, day)}</p>
        <p className="muted">{instant(one.ends_at, time)}</p>
      </div>
      <dl>
        <div>
          <dt>{text("list.resource")}</dt>
          <dd>{resource?.name ?? "…"}</dd>
        </div>
        <div>
          <dt>{text("stay.unit")}</dt>
          <dd>
            {units.length === 0 ? <span className="muted">{text("stay.nounit")}</span> : list(units)}{" "}
            {units.length > 0 && !one.units_promised && <span className={styles.tag}>{text("stay.notpromised")}</span>}
          </dd>
        </div>
        <div>
          <dt>{text("list.people")}</dt>
          <dd>
            {one.party_size} {resource !== undefined && <span className="muted">{text("stay.most", { count: resource.max_party_size * one.quantity })}</span>}
          </dd>
        </div>
        <div>
          <dt>{text("stay.made")}</dt>
          <dd>{instant(one.created_at, { dateStyle: "medium" })}</dd>
        </div>
      </dl>
    </section>
  );
}
