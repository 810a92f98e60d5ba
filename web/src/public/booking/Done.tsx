import { useEffect, useRef } from "react";

import type { Schemas } from "@/api/client";
import styles from "@/public/booking/Booking.module.css";
import { calendarFile, download } from "@/public/calendarFile";
import { Facts } from "@/public/Facts";
import { factsOf } from "@/public/facts";
import frame from "@/public/Frame.module.css";
import { Hold } from "@/public/Hold";
import { Link } from "@/public/Link";
import { managePath } from "@/public/links";
import { PriceLines } from "@/public/Price";
import { useSite } from "@/public/site";
import { useSpeech } from "@/texts/intl";
import { Button, buttonClass } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { StateBadge } from "@/ui/StateBadge";

/** What a request to reserve made: a reservation, or a question that went to an email. */
export type Made = Schemas["CreatedReservation"] | Schemas["AwaitsConfirmation"];

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
  return (
    <div className={`${frame.wrap} ${styles.page}`}>
      <div className={styles.doneHead}>
        <StateBadge state={made.state} label={text(`state.${made.state}`)} />
        <h1 ref={title} tabIndex={-1}>
          {text(made.state === "held" ? "done.held" : made.state === "pending" ? "done.pending" : "done.confirmed")}
        </h1>
      </div>
      {made.state === "held" && made.hold_expires_at !== null && (
        <Hold
          reservation={made}
          token={made.manage_token}
          again={again}
          onChanged={(changed) => onChanged({ ...made, ...changed, manage_token: made.manage_token })}
          onLeave={onLeave}
        />
      )}
      {made.state === "pending" && <p>{text("done.pending.hint")}</p>}
      <div className={styles.columns}>
        <section className={styles.panel} aria-label={resource.name}>
          <h2>{resource.name}</h2>
          <Facts
            facts={[
              { label: text("done.code"), value: made.code },
              ...factsOf(made, speech),
              { label: text("done.guest"), value: made.guest.name },
              ...(place === "" ? [] : [{ label: text("contact.address"), value: place }]),
            ]}
            className={styles.facts}
          />
          <div className={styles.actions}>
            <Link to={managePath(made.id, made.manage_token)} className={buttonClass("line")}>
              {text("done.manage")}
            </Link>
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
        {made.price.total > 0 && (
          <aside className={styles.summary} aria-label={text("price.title")}>
            <PriceLines price={made.price} />
          </aside>
        )}
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
