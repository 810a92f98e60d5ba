import { useEffect, useRef, useState } from "react";

import { failureOf, type Refused } from "@/api/problems";
import { againstOf } from "@/public/manage/against";
import type { Managed, Reservation } from "@/public/manage/managed";
import styles from "@/public/manage/Manage.module.css";
import { useOwnSpeech } from "@/public/manage/words";
import { act } from "@/public/manage/writes";
import { RefundLadder } from "@/public/Price";
import { useSite } from "@/public/site";
import { Button } from "@/ui/Button";
import { Notice } from "@/ui/Notice";

interface Props {
  managed: Managed;
  token: string;
  onKeep: () => void;
  onStale: () => void;
  onDone: (after: Reservation) => void;
}

/** What cancelling now gives back, as a figure and as a ladder; the button repeats the sum. */
export function Cancel({ managed: { reservation, cancellation }, token, onKeep, onStale, onDone }: Props) {
  const site = useSite();
  const speech = useOwnSpeech();
  const { text, money } = speech;
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [key] = useState(() => crypto.randomUUID());
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const { refund, retained } = cancellation;
  const paid = refund !== null && refund.total > 0;
  const cancel = async () => {
    setBusy(true);
    setRefused(null);
    try {
      onDone(await act(site.slug, reservation, token, "cancel", `${key} ${reservation.version}`));
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (failure?.problem?.code === "version_mismatch") onStale();
      setRefused(failure);
      setBusy(false);
    }
  };
  return (
    <section className={styles.panel} aria-labelledby="cancel-title">
      <h2 id="cancel-title" ref={title} tabIndex={-1}>
        {text("manage.cancel.title")}
      </h2>
      {refused !== null && refused.problem?.code !== "version_mismatch" && (
        <Notice kind="bad" title={text("manage.refused")}>
          <p>{againstOf(refused, speech)}</p>
        </Notice>
      )}
      {reservation.price.total > 0 && (
        <>
          <p className={styles.sum}>
            {text("manage.cancel.back")} <b className="numbers">{refund === null ? "–" : money(refund)}</b>
          </p>
          {retained !== null && retained.total > 0 && <p className="small">{text("manage.cancel.kept", { amount: money(retained) })}</p>}
          {reservation.state === "held" || reservation.state === "pending" ? (
            <p className="small">{text("manage.cancel.unpaid")}</p>
          ) : (
            <RefundLadder steps={cancellation.refund_steps} />
          )}
        </>
      )}
      <p className="small">{text("manage.cancel.hint")}</p>
      <div className={styles.buttons}>
        <Button kind="danger" busy={busy} onClick={() => void cancel()}>
          {paid ? text("manage.cancel.send.back", { amount: money(refund) }) : text("manage.cancel.send")}
        </Button>
        <Button onClick={onKeep}>{text("manage.keep")}</Button>
      </div>
    </section>
  );
}
