import { useId } from "react";

import type { Schemas } from "@/api/client";
import styles from "@/public/resource/Slot.module.css";
import { rulesAgainst, stateOf } from "@/public/slots";
import { violationWords } from "@/public/violations";
import { useSpeech } from "@/texts/intl";
import { Icon } from "@/ui/Icon";

const MOST_PIPS = 16;
const FEW = 3;

interface Props {
  slot: Schemas["SlotBody"];
  resource: Schemas["ResourceDetails"];
  /** Units that are wanted. */
  units: number;
  chosen: boolean;
  /** Where there are many of them: without marks. */
  compact: boolean;
  onChoose: () => void;
}

/** One time: what is left of it as marks and in words, and what it costs. A full one can be chosen, to wait for it. */
export function SlotChoice({ slot, resource, units, chosen, compact, onChoose }: Props) {
  const speech = useSpeech();
  const { text, times, shortMoney } = speech;
  const id = useId();
  const state = stateOf(slot, units);
  const { capacity } = resource;
  const price = slot.price.total === 0 ? "" : shortMoney(slot.price);
  const classes = [styles.slot, state === "free" ? undefined : styles[state], compact || capacity === 1 ? styles.small : undefined];
  const words = state === "full" ? text("when.full") : state === "free" && capacity > 1 ? leftWords() : "";
  const against = state === "refused" ? [...new Set(rulesAgainst(slot).map((violation) => violationWords(violation, speech)))].join(" ") : "";

  function leftWords(): string {
    return resource.policy.capacity_counts === "people" ? text("when.seats", { count: slot.remaining }) : text("when.left", { count: slot.remaining });
  }
  return (
    <button
      type="button"
      className={classes.filter(Boolean).join(" ")}
      aria-pressed={chosen}
      aria-disabled={state === "refused" || undefined}
      aria-describedby={against === "" ? undefined : id}
      onClick={() => state !== "refused" && onChoose()}
    >
      <span className={styles.row}>
        <span className={styles.time}>{times(slot.starts_at, slot.ends_at)}</span>
        <span className={styles.price}>{price}</span>
      </span>
      {capacity > 1 && capacity <= MOST_PIPS && !compact && <Pips capacity={capacity} remaining={slot.remaining} mine={chosen && state === "free" ? units : 0} />}
      {(words !== "" || against !== "") && (
        <span className={styles.row}>
          <span id={against === "" ? undefined : id} className={slot.remaining <= FEW && state === "free" ? `${styles.left} ${styles.few}` : styles.left}>
            {against === "" ? words : against}
          </span>
          {state === "full" && resource.policy.confirmation.kind !== "pending" && (
            <span className={styles.left}>
              <Icon name="bell" small />
              {text("when.waitlist")}
            </span>
          )}
          {state === "free" && chosen && <span className={styles.left}>{text("when.mine", { count: units })}</span>}
        </span>
      )}
    </button>
  );
}

/** A mark for each place: taken, chosen, free. The words beside them say the same. */
function Pips({ capacity, remaining, mine }: { capacity: number; remaining: number; mine: number }) {
  const taken = capacity - Math.min(remaining, capacity);
  return (
    <span className={styles.pips} aria-hidden="true">
      {Array.from({ length: capacity }, (_, index) => (
        <i key={index} className={index < taken ? undefined : index < taken + mine ? styles.mine : styles.open} />
      ))}
    </span>
  );
}
