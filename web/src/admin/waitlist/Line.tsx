import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { spanOf } from "@/admin/span";
import { useDesk } from "@/admin/tenant";
import { TransitionButton } from "@/admin/TransitionButton";
import { type Entry, offerQuery } from "@/admin/waitlist/queries";
import { RemoveDialog, RenewDialog } from "@/admin/waitlist/Dialogs";
import styles from "@/admin/waitlist/Waitlist.module.css";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { StateBadge } from "@/ui/StateBadge";
import type { ReservationState } from "@/ui/StateIcon";

/** How reservations show the same: what waits is violet, what is held amber. */
const LOOKS: Record<Entry["state"], ReservationState> = {
  waiting: "pending",
  offered: "held",
  accepted: "confirmed",
  declined: "rejected",
  expired: "expired",
  left: "cancelled",
  over: "completed",
};

interface Props {
  entry: Entry;
  resource: string;
  mayWrite: boolean;
}

/** One who waits: for what, since when, and what can be done about it now. */
export function Line({ entry, resource, mayWrite }: Props) {
  const speech = useWords();
  const { text } = speech;
  const [asks, setAsks] = useState<"remove" | "renew" | null>(null);
  const { guest, state, place, notes } = entry;
  const isOpen = state === "waiting" || state === "offered";
  return (
    <li>
      <span className={styles.place} aria-label={place == null ? undefined : text("waitlist.place", { place })}>
        {place ?? ""}
      </span>
      <div className={styles.who}>
        <b className="clip" dir="auto">
          {guest.name}
        </b>
        <a className="clip small" href={`mailto:${encodeURI(guest.email)}`}>
          {guest.email}
        </a>
        {guest.phone != null && (
          <a className="small" href={`tel:${encodeURI(guest.phone)}`}>
            {guest.phone}
          </a>
        )}
      </div>
      <div className={styles.what}>
        <span>{spanOf(entry, speech)}</span>
        <span className="muted small">
          {[resource, text("timeline.people", { count: entry.party_size }), ...(entry.quantity > 1 ? [text("waitlist.units", { count: entry.quantity })] : [])].join(" · ")}
        </span>
        {notes !== "" && (
          <span className={`${styles.notes} small`} dir="auto">
            {notes}
          </span>
        )}
      </div>
      <div className={styles.state}>
        <StateBadge state={LOOKS[state]} label={text(`waitlist.state.${state}`)} />
        {state === "offered" ? (
          <Offer entry={entry} />
        ) : (
          <span className="muted small">{text(entry.decided_at == null ? "waitlist.since" : "waitlist.ended", { at: speech.moment(entry.decided_at ?? entry.joined_at) })}</span>
        )}
      </div>
      <div className={styles.actions}>
        {mayWrite && isOpen && (
          <>
            {state === "offered" && <Accept entry={entry} />}
            <Button kind="text" onClick={() => setAsks("renew")} aria-label={`${text("waitlist.renew")}: ${guest.name}`}>
              {text("waitlist.renew")}
            </Button>
            {state === "waiting" && (
              <Button kind="text" onClick={() => setAsks("remove")} aria-label={`${text("waitlist.remove")}: ${guest.name}`}>
                {text("waitlist.remove")}
              </Button>
            )}
          </>
        )}
      </div>
      {asks === "remove" && <RemoveDialog entry={entry} onClose={() => setAsks(null)} />}
      {asks === "renew" && <RenewDialog entry={entry} onClose={() => setAsks(null)} />}
    </li>
  );
}

/** Until when the offered reservation is held, and the way to it. */
function Offer({ entry }: { entry: Entry }) {
  const { text, moment } = useWords();
  const { tenant } = useDesk();
  const offer = useQuery(offerQuery(tenant, entry.id));
  const until = offer.data?.hold_expires_at;
  return (
    <Link to="/$tenant/reservations/$reservation" params={{ tenant, reservation: entry.id }} className="small">
      {until == null ? text("waitlist.offer") : text("waitlist.until", { until: moment(until) })}
    </Link>
  );
}

/** The offer is taken for the guest, as when they say so on the phone. */
function Accept({ entry }: { entry: Entry }) {
  const { tenant } = useDesk();
  const offer = useQuery(offerQuery(tenant, entry.id));
  return offer.data?.state === "held" ? <TransitionButton reservation={offer.data} action="confirm" /> : null;
}
