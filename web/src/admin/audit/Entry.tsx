import { Link } from "@tanstack/react-router";

import styles from "@/admin/audit/Audit.module.css";
import { type Difference, differencesOf } from "@/admin/audit/differences";
import type { AuditEvent } from "@/admin/audit/queries";
import { ACTORS, KINDS } from "@/admin/audit/search";
import { Avatar } from "@/admin/Avatar";
import { useDesk } from "@/admin/tenant";
import type { operations } from "@/api/schema";
import { useWords } from "@/texts/admin";

type EventType = NonNullable<NonNullable<operations["audit_read_log"]["parameters"]["query"]>["type"]>[number];
/** What was done, of each type of event that there is: a text is missing where the API has a new one. */
type Did = EventType extends `${string}.${infer Name}` ? Name : never;

interface Props {
  event: AuditEvent;
  /** Asks for all events of the same thing. */
  onThing: () => void;
  /** Asks for all that the same user, API key or job did. */
  onActor: (id: string) => void;
}

/** As many differences are in sight; more are a step away. */
const IN_SIGHT = 4;

/** One event: who, what, of what, when, and what it changed. */
export function Entry({ event, onThing, onActor }: Props) {
  const speech = useWords();
  const { text, instant } = speech;
  const { tenant } = useDesk();
  const actor = ACTORS.find((one) => one === event.actor_kind);
  const kind = KINDS.find((one) => one === event.entity_kind);
  const who = event.actor_name ?? (actor === undefined ? event.actor_kind : text(`audit.actor.${actor}`));
  const what = kind === undefined ? event.entity_kind : text(`audit.kind.${kind}`);
  const did = event.type.slice(event.type.indexOf(".") + 1) as Did;
  const differences = differencesOf(event.before, event.after, speech);
  // What came new or went has only one side: its values are a step away.
  const inSight = event.before === null || event.after === null ? 0 : IN_SIGHT;
  return (
    <li>
      <Avatar name={who} />
      <div className={styles.entry}>
        <p className={styles.head}>
          <span>
            {event.actor_id === null ? (
              <b dir="auto">{who}</b>
            ) : (
              <button type="button" className={styles.actor} dir="auto" title={text("audit.same.person", { name: who })} onClick={() => onActor(event.actor_id ?? "")}>
                {who}
              </button>
            )}{" "}
            ·{" "}
            {event.entity_kind === "reservation" ? (
              <Link to="/$tenant/reservations/$reservation" params={{ tenant, reservation: event.entity_id }}>
                {what}
              </Link>
            ) : event.entity_kind === "guest" ? (
              <Link to="/$tenant/guests/$guest" params={{ tenant, guest: event.entity_id }}>
                {what}
              </Link>
            ) : event.entity_kind === "waitlist_entry" ? (
              <Link to="/$tenant/waitlist" params={{ tenant }} search={{ ended: true }}>
                {what}
              </Link>
            ) : (
              <span>{what}</span>
            )}{" "}
            <span className={styles.did}>· {text(`audit.did.${did}`)}</span>
          </span>
          <time className="muted small" dateTime={event.occurred_at}>
            {instant(event.occurred_at, { dateStyle: "medium", timeStyle: "medium" })}
          </time>
        </p>
        {inSight > 0 && differences.length > 0 && <Differences shown={differences.slice(0, inSight)} />}
        <div className={styles.further}>
          {differences.length > inSight && (
            <details>
              <summary>{text(inSight > 0 ? "audit.more" : "audit.values", { count: differences.length - inSight })}</summary>
              <Differences shown={differences.slice(inSight)} />
            </details>
          )}
          <button type="button" className={styles.same} onClick={onThing}>
            {text("audit.same")}
          </button>
        </div>
      </div>
    </li>
  );
}

function Differences({ shown }: { shown: readonly Difference[] }) {
  const { text } = useWords();
  return (
    <div className={styles.scroll} tabIndex={0} role="group" aria-label={text("audit.changes")}>
      <table className={styles.differences}>
        <thead className="hidden-visually">
          <tr>
            <th scope="col">{text("audit.value")}</th>
            <th scope="col">{text("audit.before")}</th>
            <th scope="col">{text("audit.after")}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ path, before, after }) => (
            <tr key={path}>
              <th scope="row">{path}</th>
              <td dir="auto">{before !== null && <s>{before}</s>}</td>
              <td dir="auto">{after}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
