import { useEffect, useRef, useState } from "react";

import { api, call, type Schemas } from "@/api/client";
import { failureOf, type Refused } from "@/api/problems";
import type { Made } from "@/public/booking/attempt";
import styles from "@/public/booking/Booking.module.css";
import { calendarFile } from "@/public/booking/calendarFile";
import { reasonOf } from "@/public/Failed";
import frame from "@/public/Frame.module.css";
import { Link } from "@/public/Link";
import { PriceLines } from "@/public/Price";
import { useSite } from "@/public/site";
import { useSpeech } from "@/texts/intl";
import { Button, buttonClass } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { Notice } from "@/ui/Notice";
import { StateBadge } from "@/ui/StateBadge";

interface Props {
  made: Made;
  resource: Schemas["ResourceDetails"];
  again: string;
  onChanged: (made: Made) => void;
  onLeave: () => void;
}

/** What became of it: reserved, held for a while, asked for, or waiting for an email to be opened. */
export function Done({ made, resource, again, onChanged, onLeave }: Props) {
  const site = useSite();
  const speech = useSpeech();
  const { text, moment } = speech;
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  if (made.state === "unconfirmed") {
    return (
      <div className={`${frame.wrap} ${styles.page}`}>
        <h1 ref={title} tabIndex={-1}>
          {text("done.email")}
        </h1>
        <p>{text("done.email.hint", { email: made.email, until: moment(made.expires_at) })}</p>
        <Leave onLeave={onLeave} />
      </div>
    );
  }
  const place = [site.address?.street, [site.address?.postal_code, site.address?.locality].filter(Boolean).join(" ")].filter(Boolean).join(", ");
  const manage = `/manage#${made.manage_token}`;
  return (
    <div className={`${frame.wrap} ${styles.page}`}>
      <div className={styles.doneHead}>
        <StateBadge state={made.state} label={text(`state.${made.state}`)} />
        <h1 ref={title} tabIndex={-1}>
          {text(made.state === "held" ? "done.held" : made.state === "pending" ? "done.pending" : "done.confirmed")}
        </h1>
      </div>
      {made.state === "held" && made.hold_expires_at !== null && <Hold reservation={made} again={again} onChanged={onChanged} onLeave={onLeave} />}
      {made.state === "pending" && <p>{text("done.pending.hint")}</p>}
      <div className={styles.columns}>
        <section className={styles.panel} aria-label={resource.name}>
          <h2>{resource.name}</h2>
          <dl className={styles.facts}>
            <div>
              <dt>{text("done.code")}</dt>
              <dd className="numbers">{made.code}</dd>
            </div>
            <div>
              <dt>{text("price.in")}</dt>
              <dd>{moment(made.starts_at)}</dd>
            </div>
            <div>
              <dt>{text("price.out")}</dt>
              <dd>{moment(made.ends_at)}</dd>
            </div>
            <div>
              <dt>{text("price.people")}</dt>
              <dd>{made.party_size}</dd>
            </div>
            <div>
              <dt>{text("done.guest")}</dt>
              <dd>{made.guest.name}</dd>
            </div>
            {place !== "" && (
              <div>
                <dt>{text("contact.address")}</dt>
                <dd>{place}</dd>
              </div>
            )}
          </dl>
          <div className={styles.actions}>
            <a className={buttonClass("line")} href={manage} rel="noreferrer">
              {text("done.manage")}
            </a>
            <Button
              onClick={() => {
                const content = calendarFile(
                  {
                    id: made.id,
                    startsAt: made.starts_at,
                    endsAt: made.ends_at,
                    title: `${resource.name}, ${site.name}`,
                    place,
                    details: made.code,
                  },
                  new Date(),
                );
                download(content, `${made.code}.ics`);
              }}
            >
              <Icon name="calendar" />
              {text("done.calendar")}
            </Button>
          </div>
          <Leave onLeave={onLeave} />
        </section>
        <aside className={styles.summary} aria-label={text("price.title")}>
          <PriceLines price={made.price} />
        </aside>
      </div>
    </div>
  );
}

function Leave({ onLeave }: { onLeave: () => void }) {
  const site = useSite();
  const { text } = useSpeech();
  return (
    <p onClick={onLeave}>
      <Link to="/">{text("done.again", { tenant: site.name })}</Link>
    </p>
  );
}

/** The time that is left, and the button that makes a reservation of what is held. */
function Hold({ reservation, again, onChanged, onLeave }: { reservation: Schemas["CreatedReservation"] } & Pick<Props, "again" | "onChanged" | "onLeave">) {
  const site = useSite();
  const speech = useSpeech();
  const { text } = speech;
  const [refused, setRefused] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);
  const [key] = useState(() => crypto.randomUUID());
  const left = useSecondsUntil(reservation.hold_expires_at ?? "");

  const confirm = async () => {
    setBusy(true);
    setRefused(null);
    try {
      const params = {
        path: { tenant: site.slug, reservation: reservation.id },
        header: { "Idempotency-Key": key },
      };
      const headers = { Authorization: `Bearer ${reservation.manage_token}` };
      const changed = await call(new AbortController().signal, (signal) =>
        api.POST("/v1/tenants/{tenant}/reservations/{reservation}/confirm", { params, headers, signal }),
      );
      onChanged({ ...reservation, ...changed, manage_token: reservation.manage_token });
    } catch (thrown) {
      setRefused(failureOf(thrown));
      setBusy(false);
    }
  };

  if (left <= 0) {
    return (
      <Notice kind="bad" title={text("done.expired")}>
        <p>{text("done.expired.hint")}</p>
        <p onClick={onLeave}>
          <Link to={again}>{text("book.days.link")}</Link>
        </p>
      </Notice>
    );
  }
  const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  return (
    <section className={styles.hold} aria-label={text("done.held")}>
      <p className={styles.clock} role="timer">
        {text("done.left", { time: clock })}
      </p>
      <p>{text("done.held.hint")}</p>
      {refused !== null && (
        <Notice kind="bad" title={text("book.refused")}>
          <p>{reasonOf(refused, speech)}</p>
        </Notice>
      )}
      <Button kind="primary" busy={busy} onClick={() => void confirm()}>
        {text("done.confirm")}
      </Button>
    </section>
  );
}

function useSecondsUntil(at: string): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Math.ceil((Date.parse(at) - now) / 1000));
}

function download(content: string, filename: string): void {
  const address = URL.createObjectURL(new Blob([content], { type: "text/calendar" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
