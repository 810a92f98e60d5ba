import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import { useEffect } from "react";

import styles from "@/admin/SignIn.module.css";
import { useWords } from "@/texts/admin";
import { Button, buttonClass } from "@/ui/Button";
import { Empty } from "@/ui/Empty";

export function Missing() {
  const { text } = useWords();
  return (
    <div className={styles.page}>
      <Empty title={text("shell.missing")} hint={text("shell.missing.hint")} page>
        <Link to="/" className={buttonClass("line")}>
          {text("shell.missing.home")}
        </Link>
      </Empty>
    </div>
  );
}

/** A page that broke: the others go on. A part that is not there any more belongs to an older version of the pages. */
export function Broken({ error, reset }: ErrorComponentProps) {
  const { text } = useWords();
  useEffect(() => {
    console.error(error);
  }, [error]);
  const isOutdated = error instanceof Error && error.message.includes("dynamically imported module");
  return (
    <div className={styles.page}>
      <Empty title={text(isOutdated ? "shell.outdated" : "shell.broken")} page alert>
        <Button kind="primary" onClick={() => (isOutdated ? window.location.reload() : reset())}>
          {text("shell.reload")}
        </Button>
      </Empty>
    </div>
  );
}
