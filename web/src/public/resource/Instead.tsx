import { useChoices } from "@/public/resource/Sections";
import styles from "@/public/resource/Resource.module.css";
import type { Quote } from "@/public/useQuote";
import { useSpeech } from "@/texts/intl";
import { Chips } from "@/ui/Notice";

/** What is free instead of what is full, below the waitlist. */
export function Instead({ quote }: { quote: Quote }) {
  const { text } = useSpeech();
  const choices = useChoices(quote);
  if (choices.length === 0) return null;
  return (
    <div className={styles.instead}>
      <p>{text("wait.instead")}</p>
      <Chips choices={choices} />
    </div>
  );
}
