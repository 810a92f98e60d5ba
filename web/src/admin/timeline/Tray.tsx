import { trayOf, type TimelineResource, type Waiting } from "@/admin/timeline/rows";
import styles from "@/admin/timeline/Timeline.module.css";
import { timesOf } from "@/admin/timeline/wish";
import { spanOf } from "@/admin/timeline/BarLink";
import { useWords } from "@/texts/admin";
import { StateBadge } from "@/ui/StateBadge";

interface Props {
  resources: readonly TimelineResource[];
  now: number;
  open: (waiting: Waiting) => void;
  onDown: (event: React.PointerEvent, waiting: Waiting) => void;
}

/** What waits for a place, for somebody's decision, or for a guest who holds it. */
export function Tray({ resources, now, open, onDown }: Props) {
  const { text } = useWords();
  const { pending, changes, held } = trayOf(resources);
  const rooms = pending.filter(({ lying }) => lying.waits_for !== "approval");
  const approvals = pending.filter(({ lying }) => lying.waits_for === "approval");
  const groups = [
    { key: "room", title: text("timeline.tray.pending"), hint: text("timeline.tray.room"), items: rooms },
    { key: "approval", title: text("timeline.tray.pending"), hint: text("timeline.tray.approval"), items: approvals },
    { key: "changes", title: text("timeline.tray.changes"), hint: text("timeline.tray.changes.hint"), items: changes },
    { key: "held", title: text("timeline.tray.held"), hint: text("timeline.tray.held.hint"), items: held },
  ].filter(({ items }) => items.length > 0);
  const count = pending.length + changes.length + held.length;
  return (
    <aside className={`${styles.tray} ${count === 0 ? (styles.nothing ?? "") : ""}`} aria-label={text("timeline.tray")}>
      <header>
        <h2>{text("timeline.tray")}</h2>
        <span className={styles.count}>{count}</span>
      </header>
      {count === 0 && <p className="muted small">{text("timeline.tray.empty")}</p>}
      {groups.map(({ key, title, hint, items }) => (
        <section key={key}>
          <h3>
            {title} <span className="muted">{hint}</span>
          </h3>
          {items.map((one) => (
            <Ticket key={one.lying.id} waiting={one} now={now} open={open} onDown={onDown} />
          ))}
        </section>
      ))}
    </aside>
  );
}

function Ticket({ waiting, now, open, onDown }: { waiting: Waiting; now: number } & Pick<Props, "open" | "onDown">) {
  const words = useWords();
  const { lying, resource } = waiting;
  const span = spanOf(timesOf(lying), words);
  return (
    <button
      type="button"
      className={`${styles.ticket} ${styles[lying.state] ?? ""}`}
      onClick={() => open(waiting)}
      onPointerDown={(event) => onDown(event, waiting)}
    >
      <b className="clip" dir="auto">
        {lying.guest_name}
      </b>
      <span className="small">
        {words.text("timeline.span", span)}, {words.text("timeline.people", { count: lying.party_size })}
      </span>
      <span className={styles.what}>
        <span className="clip muted small">{resource.name}</span>
        <StateBadge state={lying.state} label={words.text(`state.${lying.state}`)} />
      </span>
      <Due waiting={waiting} now={now} />
    </button>
  );
}

/** Until when it waits: minutes of a hold, the instant at which something pending is given up. */
function Due({ waiting: { lying }, now }: { waiting: Waiting; now: number }) {
  const words = useWords();
  if (lying.hold_expires_at != null) {
    const minutes = Math.max(0, Math.ceil((Date.parse(lying.hold_expires_at) - now) / 60_000));
    return <strong className="small">{words.text("timeline.left", { minutes })}</strong>;
  }
  const until = lying.pending_change?.pending_until ?? lying.pending_until;
  return until == null ? null : <strong className="small">{words.text("timeline.lapses", { at: words.moment(until) })}</strong>;
}
