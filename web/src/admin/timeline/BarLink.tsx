import { memo } from "react";

import { Avatar } from "@/admin/Avatar";
import type { Bar } from "@/admin/timeline/rows";
import { Symbol } from "@/admin/timeline/Symbol";
import styles from "@/admin/timeline/Tape.module.css";
import { timesOf } from "@/admin/timeline/wish";
import type { EditLock } from "@/realtime/locks";
import { type AdminSpeech, useWords } from "@/texts/admin";
import { StateIcon } from "@/ui/StateIcon";

interface Props {
  bar: Bar;
  column: number;
  isStop: boolean;
  isDragged: boolean;
  /** What it waits for: somebody else is editing it, or what is beside it in the same resource. */
  lock: EditLock | null;
}

/** From where a bar is wide enough for the people, and for the word of its state. */
const FOR_PEOPLE = 118;
const FOR_WORD = 178;

/** A reservation on the tape, from check-in to check-out. */
export const BarLink = memo(function BarLink({ bar, column, isStop, isDragged, lock }: Props) {
  const words = useWords();
  const { lying, from, until } = bar;
  const width = (until - from) * column;
  const isEdited = lock !== null && lock.startsAt === Date.parse(lying.here_from) && lock.endsAt === Date.parse(lying.here_until);
  const name = lock === null ? "" : (lock.holderName ?? words.text("timeline.somebody"));
  const waits = lock === null ? null : words.text(isEdited ? "timeline.editing" : "timeline.waits", { name });
  const said = [
    words.text(`state.${lying.state}`),
    words.text("timeline.span", spanOf(timesOf(lying), words)),
    words.text("timeline.people", { count: lying.party_size }),
    lying.code,
    waits,
  ].filter((one) => one !== null);
  const classes = [
    styles.bar,
    styles[lying.state],
    bar.cutStart && styles.cutStart,
    bar.cutEnd && styles.cutEnd,
    lock !== null && styles.waits,
    isDragged && styles.origin,
  ];
  return (
    <button
      type="button"
      className={classes.filter(Boolean).join(" ")}
      style={{ left: from * column, width }}
      data-bar={bar.key}
      tabIndex={isStop ? 0 : -1}
      title={[lying.guest_name, ...said].join(", ")}
    >
      <span className={styles.label}>
        <StateIcon state={lying.state} />
        <span className={`clip ${styles.guest ?? ""}`} dir="auto">
          {lying.guest_name}
        </span>
        {isEdited && width >= FOR_WORD ? (
          <span className={styles.editor}>
            <Avatar name={name} kind="lock" />
            {width >= 2 * FOR_PEOPLE && waits}
          </span>
        ) : (
          <>
            {width >= FOR_PEOPLE && lying.state !== "held" && (
              <span className={styles.people}>
                <Symbol name="people" />
                {lying.party_size}
              </span>
            )}
            {width >= FOR_WORD && <span>{words.text(`state.${lying.state}`)}</span>}
          </>
        )}
        <span className="hidden-visually">, {said.join(", ")}</span>
      </span>
    </button>
  );
});

export function spanOf(times: ReturnType<typeof timesOf>, words: AdminSpeech): { from: string; until: string } {
  if ("check_in_on" in times) return { from: words.day(times.check_in_on), until: words.day(times.check_out_on) };
  return { from: words.moment(times.starts_at), until: words.moment(times.ends_at) };
}
