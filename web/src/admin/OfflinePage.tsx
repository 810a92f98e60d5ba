import { useEffect } from "react";

import { Card } from "@/admin/Card";
import { reasonOf } from "@/admin/Failed";
import type { Snapshot } from "@/admin/offline";
import styles from "@/admin/OfflinePage.module.css";
import type { Refused } from "@/api/problems";
import { useWords } from "@/texts/admin";
import { Speech } from "@/texts/intl";
import { formatLocale } from "@/texts/languages";
import { Notice } from "@/ui/Notice";

/** Without a network: what was last known, how old it is, and another try, which is made by itself once there is one. */
export function OfflinePage({ snapshot, refused, retry }: { snapshot: Snapshot; refused: Refused; retry: () => void }) {
  const words = useWords();
  const { text } = words;
  const { day, instant } = new Speech(words.language, formatLocale(words.language, snapshot.locale), snapshot.timezone, words.texts, words.amenities);
  useEffect(() => {
    window.addEventListener("online", retry);
    return () => window.removeEventListener("online", retry);
  }, [retry]);
  return (
    <main className={styles.page}>
      <h1>{snapshot.tenantName}</h1>
      <Notice kind="bad" title={text("offline.title")} choices={[{ key: "retry", label: text("load.retry"), onChoose: retry }]}>
        <p>{text("offline.age", { when: instant(new Date(snapshot.at).toISOString()) })}</p>
        <p>{reasonOf(refused, words)}</p>
      </Notice>
      {snapshot.arrivals !== null && (
        <Card title={text("offline.arrivals", { day: day(snapshot.arrivals.on) })}>
          {snapshot.arrivals.guests.length === 0 ? (
            <p className={styles.none}>{text("offline.arrivals.none")}</p>
          ) : (
            <ul className={styles.arrivals}>
              {snapshot.arrivals.guests.map(({ id, name, code, units }) => (
                <li key={id}>
                  <b>{name}</b>
                  <span className="muted">{units === "" ? code : `${units}, ${code}`}</span>
                </li>
              ))}
            </ul>
          )}
        </Card>
      )}
      {snapshot.days.length > 0 && (
        <Card title={text("offline.calendar")}>
          <table className={styles.days}>
            <thead>
              <tr>
                {(["offline.day", "offline.taken", "offline.arriving", "offline.leaving"] as const).map((name) => (
                  <th key={name} scope="col">
                    {text(name)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {snapshot.days.map(({ on, capacity, occupied, arrivals, departures }) => (
                <tr key={on}>
                  <th scope="row">{day(on)}</th>
                  <td>
                    {occupied}/{capacity}
                  </td>
                  <td>{arrivals}</td>
                  <td>{departures}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Card>
      )}
    </main>
  );
}
