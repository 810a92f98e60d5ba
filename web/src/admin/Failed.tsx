import styles from "@/admin/SignIn.module.css";
import { failureOf, Refused } from "@/api/problems";
import { type AdminSpeech, useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Notice } from "@/ui/Notice";

/** Why something was refused: in the words of the API where it has some, else in ours. */
export function reasonOf(thrown: unknown, { text }: AdminSpeech): string {
  const refused = failureOf(thrown) ?? new Refused("server", null);
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

/** What stands where something could not be loaded: why, and another try. */
export function Failed({ error, retry }: { error: unknown; retry: () => void }) {
  const speech = useWords();
  return (
    <Empty title={speech.text("load.failed")} hint={reasonOf(error, speech)} alert>
      <Button onClick={retry}>{speech.text("load.retry")}</Button>
    </Empty>
  );
}

/** Said above what was read before, where reading it again failed: how old it is, and another try. */
export function Stale({ error, at, retry }: { error: unknown; at: number; retry: () => void }) {
  const speech = useWords();
  const time = speech.instant(new Date(at).toISOString(), { timeStyle: "short" });
  return (
    <Notice kind="bad" title={speech.text("load.stale", { time })} choices={[{ key: "retry", label: speech.text("load.retry"), onChoose: retry }]}>
      <p>{reasonOf(error, speech)}</p>
    </Notice>
  );
}

export function Unreachable({ refused, retry }: { refused: Refused; retry: () => void }) {
  return (
    <main className={styles.page}>
      <Failed error={refused} retry={retry} />
    </main>
  );
}
