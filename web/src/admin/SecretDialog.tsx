import { useState } from "react";

import styles from "@/admin/Page.module.css";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

/** Shows a secret once: afterwards nobody can read it, here or anywhere. */
export function SecretDialog({ title, secret, onClose }: { title: string; secret: string; onClose: () => void }) {
  const { text } = useWords();
  const [isCopied, setCopied] = useState(false);
  return (
    <Dialog
      title={title}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onClick={() => void navigator.clipboard.writeText(secret).then(() => setCopied(true))}>{text(isCopied ? "secret.copied" : "secret.copy")}</Button>
          <Button kind="primary" onClick={onClose}>
            {text("secret.kept")}
          </Button>
        </>
      }
    >
      <p>{text("secret.once")}</p>
      <code className={styles.secret}>{secret}</code>
    </Dialog>
  );
}
