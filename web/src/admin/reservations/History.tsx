import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Avatar } from "@/admin/Avatar";
import { Card } from "@/admin/Card";
import { Failed } from "@/admin/Failed";
import { factsOf, type FactName } from "@/admin/reservations/facts";
import { asOfQuery, type HistoryEvent, historyQuery, type Reservation } from "@/admin/reservations/queries";
import styles from "@/admin/reservations/Reservation.module.css";
import { useDesk } from "@/admin/tenant";
import type { Schemas } from "@/api/client";
import { type AdminSpeech, useWords } from "@/texts/admin";
import { Bone, Skeleton } from "@/ui/Skeleton";

interface Props {
  reservation: Reservation;
  resource: Schemas["ResourceDetails"] | undefined;
}

/** Who did what, with before and after; and the reservation as it was after any of these steps. */
export function History({ reservation, resource }: Props) {
  const speech = useWords();
  const { text, instant } = speech;
  const { tenant } = useDesk();
  const found = useQuery(historyQuery(tenant, reservation.id));
  const [chosen, setChosen] = useState<number | null>(null);
  // The API lists the latest first.
  const events = (found.data?.items ?? []).toReversed();
  const shown = chosen === null ? events.length : Math.min(chosen, events.length);
  const at = shown < events.length ? events[shown - 1]?.occurred_at : undefined;
  const nameOf = (unit: number) => resource?.units.find(({ number }) => number === unit)?.label ?? String(unit);
  if (found.data === undefined) {
    return (
      <Card title={text("history.title")}>
        <div className={styles.inside}>
          {found.isError ? (
            <Failed error={found.error} retry={() => void found.refetch()} />
          ) : (
            <Skeleton label={text("load.waiting")}>
              <Bone height="120px" />
            </Skeleton>
          )}
        </div>
      </Card>
    );
  }
  return (
    <Card title={text("history.title")}>
      {found.data.kept_from != null && <p className={`${styles.inside} muted`}>{text("history.kept", { from: instant(found.data.kept_from) })}</p>}
      {events.length > 1 && (
        <div className={styles.asof}>
          <label>
            <span>{text("history.asof")}</span>
            <b>{at === undefined ? text("history.now") : instant(at)}</b>
            <input
              type="range"
              min={1}
              max={events.length}
              value={shown}
              aria-valuetext={at === undefined ? text("history.now") : instant(at)}
              onChange={({ target }) => setChosen(Number(target.value))}
            />
          </label>
          {at !== undefined && <AsOf reservation={reservation.id} at={at} nameOf={nameOf} />}
        </div>
      )}
      <ol className={styles.history}>
        {events.toReversed().map((event) => (
          <Step key={event.id} event={event} nameOf={nameOf} speech={speech} />
        ))}
      </ol>
    </Card>
  );
}

function Step({ event, nameOf, speech }: { event: HistoryEvent; nameOf: (unit: number) => string; speech: AdminSpeech }) {
  const { text, instant } = speech;
  const who = event.actor_name ?? (event.actor_id === "demo-data" ? text("history.actor.demo") : text(`history.actor.${event.actor_kind}` as "history.actor.guest"));
  const before = factsOf(event.before, speech, nameOf);
  const after = factsOf(event.after, speech, nameOf);
  const names = [...after.keys()].filter((name) => event.before === null || before.get(name) !== after.get(name));
  return (
    <li>
      <Avatar name={who} />
      <div>
        <p>
          <span>
            <b>{who}</b> {text(`history.${event.type}` as "history.reservation.created")}
          </span>
          <time className="muted small" dateTime={event.occurred_at}>
            {instant(event.occurred_at)}
          </time>
        </p>
        {names.length === 0 ? (
          event.type === "reservation.updated" && <p className={styles.private}>{text("history.private")}</p>
        ) : (
          <Diff names={names} before={event.before === null ? null : before} after={after} text={text} />
        )}
      </div>
    </li>
  );
}

function Diff({ names, before, after, text }: { names: FactName[]; before: Map<FactName, string> | null; after: Map<FactName, string>; text: AdminSpeech["text"] }) {
  return (
    <table className={styles.diff}>
      <tbody>
        {names.map((name) => (
          <tr key={name}>
            <th scope="row">{text(`fact.${name}`)}</th>
            {before !== null && (
              <td>
                <s>{before.get(name) ?? ""}</s>
              </td>
            )}
            <td>
              <b>{after.get(name)}</b>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function AsOf({ reservation, at, nameOf }: { reservation: string; at: string; nameOf: (unit: number) => string }) {
  const speech = useWords();
  const { tenant } = useDesk();
  const found = useQuery(asOfQuery(tenant, reservation, at));
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  const facts = factsOf(found.data?.facts ?? null, speech, nameOf);
  return <Diff names={[...facts.keys()]} before={null} after={facts} text={speech.text} />;
}
