import { type SyntheticEvent, useEffect, useState } from "react";

import icon from "@/admin/icon.svg";
import { LanguageChoice } from "@/admin/LanguageChoice";
import styles from "@/admin/SignIn.module.css";
import { useSignIn } from "@/admin/useSignIn";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Notice } from "@/ui/Notice";

/** Email and password; where one works for several tenants, these are chosen from afterwards. */
export function SignIn() {
  const { text } = useWords();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const { submit, busy, refusal, left } = useSignIn();
  useEffect(() => {
    document.title = `${text("signin.title")} · Berth`;
  }, [text]);
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!busy && left === 0) void submit(email, password);
  };
  return (
    <main className={styles.page}>
      <form className={styles.card} onSubmit={send}>
        <div className={styles.head}>
          <img src={icon} alt="" width="40" height="40" />
          <h1>{text("signin.title")}</h1>
          <p className="muted">{text("signin.hint")}</p>
        </div>
        {refusal !== null && <Notice kind="bad" title={refusal} />}
        <Field
          label={text("signin.email")}
          type="email"
          autoComplete="username"
          required
          maxLength={254}
          value={email}
          onChange={({ target }) => setEmail(target.value)}
        />
        <Field
          label={text("signin.password")}
          type="password"
          autoComplete="current-password"
          required
          maxLength={1024}
          value={password}
          onChange={({ target }) => setPassword(target.value)}
        />
        <Button type="submit" kind="primary" full busy={busy} aria-disabled={left > 0 || undefined}>
          {text("signin.submit")}
        </Button>
      </form>
      <div className={styles.foot}>
        <LanguageChoice />
      </div>
    </main>
  );
}
