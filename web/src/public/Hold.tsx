import { useEffect, useState } from "react";

import { api, apiNow, call, type Schemas } from "@/api/client";
import { failureOf, type Refused } from "@/api/problems";
import { reasonOf } from "@/public/Failed";
import styles from "@/public/Hold.module.css";
import { Link } from "@/public/Link";
import { useSite } from "@/public/site";
import { bearer } from "@/public/waiting";
import { useSpeech } from "@/texts/intl";
import { Button } from "@/ui/Button";
import { Notice } from "@/ui/Notice";

type Reservation = Schemas["ReservationBody"];

interface Props {
  reservation: Pick<Reservation, "id" | "hold_expires_at" | "check_in_on">;
  token: string;
  /** Where the same can be chosen once more. */
  again: string;
  onChanged: (reservation: Reservation) => void;
  onLeave?: () => void;
}

/** The time that is left, and the button that makes a reservation of what is held. */
export function Hold({ reservation, token, again, onChanged, onLeave }: Props) {
  const site = useSite();
  const speech = useSpeech();
  const { text } = speech;
  const [refused, setRefused] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);
  const [key] = useState(() => crypto.randomUUID());
  const isStay = reservation.check_in_on !== null;
  const left = useSecondsUntil(reservation.hold_expires_at ?? "");

  const confirm = async () => {
    setBusy(true);
    setRefused(null);
    try {
      const params = {
        path: { tenant: site.slug, reservation: reservation.id },
        header: { "Idempotency-Key": key },
      };
      const changed = await call(new AbortController().signal, (signal) =>
        api.POST("/v1/tenants/{tenant}/reservations/{reservation}/confirm", { params, headers: bearer(token), signal }),
      );
      onChanged(changed);
    } catch (thrown) {
      setRefused(failureOf(thrown));
      setBusy(false);
    }
  };

  if (left <= 0) {
    return (
      <Notice kind="bad" title={text("done.expired")}>
        <p>{text(isStay ? "done.expired.hint" : "done.expired.hint.time")}</p>
        <p onClick={onLeave}>
          <Link to={again}>{text(isStay ? "book.days.link" : "book.time.link")}</Link>
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
  const [now, setNow] = useState(apiNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(apiNow()), 1000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Math.ceil((Date.parse(at) - now) / 1000));
}
