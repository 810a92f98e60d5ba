import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { AdminIcon } from "@/admin/AdminIcon";
import styles from "@/admin/calendar/Calendar.module.css";
import { type CalendarDay, type Day, dayQuery, type Planned } from "@/admin/calendar/queries";
import { shareOf } from "@/admin/calendar/share";
import { Card } from "@/admin/Card";
import { addDays, daysBetween } from "@/admin/clock";
import { Failed, Stale } from "@/admin/Failed";
import { resourcesQuery, useDesk } from "@/admin/tenant";
import { type AdminSpeech, useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { Bone, Skeleton } from "@/ui/Skeleton";
import { StateBadge } from "@/ui/StateBadge";

interface Props {
  day: string;
  /** The only resource that is shown. */
  resource: string | undefined;
  figures: CalendarDay | undefined;
  onDay: (on: string) => void;
}

/** One day: who is in which unit, who comes and who goes, and what is closed. */
export function DayPanel({ day, resource, figures, onDay }: Props) {
  const speech = useWords();
  const { text, day: say } = speech;
  const { tenant } = useDesk();
  const found = useQuery(dayQuery(tenant, day));
  const resources = useQuery(resourcesQuery(tenant));
  const names = new Map((resources.data ?? []).map(({ id, name }) => [id, name]));
  return (
    <Card
      title={say(day, { weekday: "long", day: "numeric", month: "long" })}
      aside={
        <>
          <Button kind="text" aria-label={text("calendar.before")} onClick={() => onDay(addDays(day, -1))}>
            <Icon name="left" small />
          </Button>
          <Button kind="text" aria-label={text("calendar.after")} onClick={() => onDay(addDays(day, 1))}>
            <Icon name="right" small />
          </Button>
        </>
      }
    >
      {figures !== undefined && (
        <dl className={styles.facts}>
          <div>
            <dt>{text("calendar.occupancy")}</dt>
            <dd>{shareOf(figures)}%</dd>
          </div>
          <div>
            <dt>{text("calendar.units")}</dt>
            <dd>
              {figures.occupied} <small>{text("calendar.of", { capacity: figures.capacity })}</small>
            </dd>
          </div>
          <div>
            <dt>
              <AdminIcon name="arrive" size={12} /> {text("calendar.arrivals")}
            </dt>
            <dd>{figures.arrivals}</dd>
          </div>
          <div>
            <dt>
              <AdminIcon name="depart" size={12} /> {text("calendar.departures")}
            </dt>
            <dd>{figures.departures}</dd>
          </div>
        </dl>
      )}
      {found.isError && found.data !== undefined && <Stale error={found.error} at={found.dataUpdatedAt} retry={() => void found.refetch()} />}
      {found.data === undefined ? (
        <div className={styles.inside}>
          {found.isError ? (
            <Failed error={found.error} retry={() => void found.refetch()} />
          ) : (
            <Skeleton label={text("load.waiting")}>
              {[0, 1, 2, 3].map((row) => (
                <div key={row} className={styles.boneRow}>
                  <Bone height="32px" />
                </div>
              ))}
            </Skeleton>
          )}
        </div>
      ) : (
        <Units day={found.data} resource={resource} names={names} speech={speech} />
      )}
    </Card>
  );
}

function Units({ day, resource, names, speech }: { day: Day; resource: string | undefined; names: Map<string, string>; speech: AdminSpeech }) {
  const { text } = speech;
  const byId = new Map([...day.departures, ...day.staying, ...day.arrivals].map((one) => [one.id, one]));
  const shown = [...byId.values()].filter((one) => resource === undefined || one.resource_id === resource);
  const closures = day.closures.filter((one) => resource === undefined || one.resource_id === resource);
  const order = [...names.keys()];
  const groups = [...Map.groupBy([...shown, ...closures], ({ resource_id }) => resource_id)].sort(
    ([one], [other]) => order.indexOf(one) - order.indexOf(other),
  );
  if (groups.length === 0) {
    return <p className={`${styles.inside} muted`}>{text("calendar.day.empty")}</p>;
  }
  return (
    <table className={styles.units}>
      <caption className="hidden-visually">{text("calendar.day.units", { day: speech.day(day.on, { dateStyle: "full" }) })}</caption>
      {groups.map(([id, all]) => (
        <tbody key={id}>
          <tr className={styles.group}>
            <th scope="rowgroup" colSpan={4}>
              {names.get(id) ?? "…"}
            </th>
          </tr>
          {all
            .filter((one) => "code" in one)
            .sort((one, other) => (one.unit_labels[0] ?? "").localeCompare(other.unit_labels[0] ?? "", speech.locale, { numeric: true }) || one.starts_at.localeCompare(other.starts_at))
            .map((one) => (
              <Unit key={one.id} one={one} day={day} speech={speech} />
            ))}
          {all
            .filter((one) => "reason" in one)
            .map((one) => (
              <tr key={one.id}>
                <th scope="row">{text("calendar.closed")}</th>
                <td colSpan={3}>
                  <span className={`${styles.closure} hatch`}>
                    {one.reason}
                    <span className="small">
                      {speech.moment(one.starts_at)} – {speech.moment(one.ends_at)}
                    </span>
                  </span>
                </td>
              </tr>
            ))}
        </tbody>
      ))}
    </table>
  );
}

function Unit({ one, day, speech }: { one: Planned; day: Day; speech: AdminSpeech }) {
  const { text } = speech;
  const arrives = one.starts_at >= day.starts_at && one.starts_at < day.ends_at;
  const leaves = one.ends_at > day.starts_at && one.ends_at <= day.ends_at;
  const time = (at: string) => speech.instant(at, { timeStyle: "short" });
  return (
    <tr>
      <th scope="row">{one.unit_labels.length === 0 ? text("calendar.nounit") : speech.list(one.unit_labels)}</th>
      <td className={styles.guest}>
        <Link to="/$tenant/reservations/$reservation" params={{ tenant: one.tenant, reservation: one.id }} className="clip" dir="auto">
          {one.guest.name}
        </Link>
        <span className="small muted">
          {spanOf(one, speech)}, {text("calendar.people", { count: one.party_size })}
        </span>
      </td>
      <td className={styles.mark}>
        {leaves && (
          <span>
            <AdminIcon name="depart" size={12} />
            <span className="hidden-visually">{text("calendar.leaves")}</span> {time(one.ends_at)}
          </span>
        )}
        {arrives && (
          <span>
            <AdminIcon name="arrive" size={12} />
            <span className="hidden-visually">{text("calendar.arrives")}</span> {time(one.starts_at)}
          </span>
        )}
        {!arrives && !leaves && one.check_in_on != null && one.check_out_on != null && (
          <span className="muted">
            {text("calendar.night", { night: daysBetween(one.check_in_on, day.on) + 1, nights: daysBetween(one.check_in_on, one.check_out_on) })}
          </span>
        )}
      </td>
      <td className={styles.state}>
        <StateBadge state={one.state} label={text(`state.${one.state}`)} />
      </td>
    </tr>
  );
}

function spanOf(one: Planned, speech: AdminSpeech): string {
  const short: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" };
  if (one.check_in_on != null && one.check_out_on != null) return `${speech.day(one.check_in_on, short)} – ${speech.day(one.check_out_on, short)}`;
  return `${speech.instant(one.starts_at, { ...short, hour: "numeric", minute: "2-digit" })} – ${speech.instant(one.ends_at, { hour: "numeric", minute: "2-digit" })}`;
}
