import styles from "@/admin/SignIn.module.css";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";

/** Nothing of the one user is shown to the other, and nothing that the one has typed is sent as the other. */
export function AnotherUser({ name }: { name: string }) {
  const { text } = useWords();
  return (
    <main className={styles.page}>
      <Empty title={text("signin.other", { name })} hint={text("signin.other.hint")} page alert>
        <Button kind="primary" onClick={() => window.location.assign("/admin")}>
          {text("signin.other.go", { name })}
        </Button>
      </Empty>
    </main>
  );
}
