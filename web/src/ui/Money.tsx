import { type Amount, useSpeech } from "@/texts/intl";

/** A sum to the smallest coin, in figures of one width, so that sums below each other line up. */
export function Money({ amount }: { amount: Amount }) {
  const { money } = useSpeech();
  return <span className="numbers">{money(amount)}</span>;
}
