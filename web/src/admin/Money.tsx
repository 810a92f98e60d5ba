import { useWords } from "@/texts/admin";
import type { Amount } from "@/texts/intl";

/** A sum to the smallest coin. */
export function Money({ amount }: { amount: Amount }) {
  const { money } = useWords();
  return <span className="numbers">{money(amount)}</span>;
}
