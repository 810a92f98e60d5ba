import type { Schemas } from "@/api/client";
import styles from "@/public/NothingThen.module.css";
import { violationWords } from "@/public/violations";
import { useSpeech } from "@/texts/intl";

const MOST_REASONS = 3;
const OF_PEOPLE = ["party_size", "quantity"];

/** What stands where a day has no times: why, as the API says it. What is about people or units stands there. */
export function NothingThen({ reasons, all }: { reasons: Schemas["ViolationBody"][][]; all: boolean }) {
  const speech = useSpeech();
  if (reasons.some((stated) => stated.length > 0 && stated.every(({ field }) => OF_PEOPLE.includes(field)))) {
    return <p className={styles.nothing}>{speech.text("when.nothing.so_many")}</p>;
  }
  const words = [...new Set(reasons.flat().filter(isOfDay).map((reason) => violationWords(reason, speech)))].slice(0, MOST_REASONS);
  return (
    <div className={styles.nothing}>
      <p>{speech.text(all ? "when.nothing.days" : "when.nothing")}</p>
      {words.map((one) => (
        <p key={one} className="small muted">
          {one}
        </p>
      ))}
    </div>
  );
}

function isOfDay({ code, field }: Schemas["ViolationBody"]): boolean {
  return code !== "in_the_past" && code !== "off_grid" && !OF_PEOPLE.includes(field);
}
