import { type SyntheticEvent, useId, useState } from "react";

import { session } from "@/admin/session";
import { useSignIn } from "@/admin/useSignIn";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Notice } from "@/ui/Notice";

/** The session has ended: the pages stay as they are, with all that was typed, and go on after the password. */
export function PasswordDialog({ email, isOpen }: { email: string; isOpen: boolean }) {
  const { text } = useWords();
  const [password, setPassword] = useState("");
  const { submit, busy, refusal, left } = useSignIn();
  const form = useId();
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!busy && left === 0) void submit(email, password).then(() => setPassword(""));
  };
  return (
    <Dialog
      title={text("signin.over")}
      isOpen={isOpen}
      onClose={() => undefined}
      actions={
        <>
          <Button onClick={session.forget}>{text("signin.leave")}</Button>
          <Button type="submit" form={form} kind="primary" busy={busy} aria-disabled={left > 0 || undefined}>
            {text("signin.continue")}
          </Button>
        </>
      }
    >
      <p>{text("signin.over.hint")}</p>
      {refusal !== null && <Notice kind="bad" title={refusal} />}
      <form id={form} onSubmit={send} style={{ display: "grid", gap: "var(--s-4)" }}>
        <Field label={text("signin.email")} type="email" autoComplete="username" value={email} readOnly />
        <Field
          label={text("signin.password")}
          type="password"
          autoComplete="current-password"
          autoFocus
          required
          maxLength={1024}
          value={password}
          onChange={({ target }) => setPassword(target.value)}
        />
      </form>
    </Dialog>
  );
}
