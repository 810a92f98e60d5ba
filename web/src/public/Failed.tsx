import type { Refused } from "@/api/problems";
import styles from "@/public/Frame.module.css";
import { type Speech, useSpeech } from "@/texts/intl";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";

/** What stands where something could not be loaded: why, and another try. */
export function Failed({ refused, retry, page = true }: { refused: Refused; retry: () => void; page?: boolean }) {
  const speech = useSpeech();
  return (
    <div className={`${styles.wrap} ${styles.alone}`}>
      <Empty title={speech.text("load.failed")} hint={reasonOf(refused, speech)} alert page={page}>
        <Button onClick={retry}>{speech.text("load.retry")}</Button>
      </Empty>
    </div>
  );
}

/** Why something was refused: in the words of the API where it has some for guests, else in ours. */
export function reasonOf(refused: Refused, { text }: Speech): string {
  switch (refused.kind) {
    case "offline":
      return text("problem.offline");
    case "slow":
      return text("problem.slow");
    case "busy":
      return text("problem.busy", { seconds: refused.retryAfter });
    case "server":
      return text("problem.server");
    case "missing":
    case "refused":
      return refused.problem?.detail ?? text("problem.server");
  }
}
