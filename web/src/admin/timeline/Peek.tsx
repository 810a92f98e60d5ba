import { Link } from "@tanstack/react-router";

import { useDesk } from "@/admin/tenant";
import type { Lying, TimelineResource } from "@/admin/timeline/rows";
import { spanOf } from "@/admin/timeline/BarLink";
import styles from "@/admin/timeline/Timeline.module.css";
import { timesOf } from "@/admin/timeline/wish";
import { useWords } from "@/texts/admin";
import { Button, buttonClass } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { StateBadge } from "@/ui/StateBadge";

/** What one wants to know of a reservation at a glance, and the way to all of it. */
export function Peek({ lying, resource, close }: { lying: Lying; resource: TimelineResource; close: () => void }) {
  const words = useWords();
  const { text } = words;
  const { tenant } = useDesk();
  const units = lying.units.map((number) => resource.units?.find((unit) => unit.number === number)?.label ?? String(number));
  const until = lying.pending_until ?? lying.hold_expires_at;
  const facts = [
    [text("timeline.peek.when"), text("timeline.span", spanOf(timesOf(lying), words))],
    [text("timeline.peek.where"), units.length === 0 ? resource.name : `${resource.name}, ${words.list(units)}`],
    [text("timeline.form.people"), String(lying.party_size)],
    [text("timeline.peek.code"), lying.code],
    [text("timeline.peek.due"), words.money(lying.due)],
    ...(until == null ? [] : [[text("timeline.peek.until"), words.moment(until)]]),
  ];
  return (
    <Dialog
      title={lying.guest_name}
      isOpen
      onClose={close}
      actions={
        <>
          <Button onClick={close}>{text("shell.close")}</Button>
          <Link to="/$tenant/reservations/$reservation" params={{ tenant, reservation: lying.id }} className={buttonClass("primary")}>
            {text("timeline.peek.open")}
          </Link>
        </>
      }
    >
      <StateBadge state={lying.state} label={text(`state.${lying.state}`)} />
      <dl className={styles.details}>
        {facts.map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
