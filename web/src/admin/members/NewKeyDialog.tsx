import { parseDate, toZoned } from "@internationalized/date";
import { useState } from "react";

import { api } from "@/admin/client";
import { reasonOf } from "@/admin/Failed";
import styles from "@/admin/Page.module.css";
import { SecretDialog } from "@/admin/SecretDialog";
import { useDesk } from "@/admin/tenant";
import { useWrite } from "@/admin/useWrite";
import type { Schemas } from "@/api/client";
import { messagesByField } from "@/api/problems";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Notice } from "@/ui/Notice";

type Scope = Schemas["Scope"];

const SCOPES: Record<Scope, true> = {
  "reservations:read": true,
  "reservations:write": true,
  "guests:read": true,
  "guests:write": true,
  "catalogue:write": true,
  "policies:write": true,
  "statistics:read": true,
  "audit:read": true,
  "webhooks:read": true,
  "webhooks:write": true,
};

/** Makes a key and shows it once: afterwards nobody can read it, here or anywhere. */
export function NewKeyDialog({ onClose }: { onClose: () => void }) {
  const speech = useWords();
  const { text } = speech;
  const { tenant, site } = useDesk();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Scope[]>(["reservations:read"]);
  const [last, setLast] = useState("");
  const [secret, setSecret] = useState<string | null>(null);
  const make = useWrite(
    (body: Schemas["CreateApiKey"], key) => () => api.POST("/v1/tenants/{tenant}/api-keys", { params: { path: { tenant }, header: { "Idempotency-Key": key } }, body }),
    (made) => setSecret(made.key),
  );
  const messages = messagesByField(make.error?.problem ?? null, ["name", "expires_at"]);
  const whole = messages.get("") ?? (make.error !== null && messages.size === 0 ? [reasonOf(make.error, speech)] : []);
  if (secret !== null) return <SecretDialog title={text("members.key.made", { name })} secret={secret} onClose={onClose} />;
  return (
    <Dialog
      title={text("members.key.new")}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{text("shell.cancel")}</Button>
          <Button kind="primary" type="submit" form="new-key" busy={make.isPending} disabled={scopes.length === 0}>
            {text("members.key.make")}
          </Button>
        </>
      }
    >
      <form
        id="new-key"
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (!make.isPending) make.mutate({ name, scopes, expires_at: last === "" ? null : toZoned(parseDate(last).add({ days: 1 }), site.timezone).toDate().toISOString() });
        }}
      >
        {whole.map((message) => (
          <Notice key={message} kind="bad" title={message} />
        ))}
        <Field
          label={text("members.key.name")}
          hint={text("members.key.name.hint")}
          required
          maxLength={100}
          autoFocus
          value={name}
          errors={messages.get("name") ?? []}
          onChange={({ target }) => setName(target.value)}
        />
        <Field
          label={text("members.key.last")}
          aside={text("guest.optional")}
          type="date"
          value={last}
          errors={messages.get("expires_at") ?? []}
          onChange={({ target }) => setLast(target.value)}
        />
        <fieldset className={styles.checks}>
          <legend>{text("members.key.scopes")}</legend>
          {(Object.keys(SCOPES) as Scope[]).map((scope) => (
            <label key={scope}>
              <input
                type="checkbox"
                checked={scopes.includes(scope)}
                onChange={({ target }) => setScopes((old) => (target.checked ? [...old, scope] : old.filter((one) => one !== scope)))}
              />
              <code>{scope}</code>
            </label>
          ))}
        </fieldset>
      </form>
    </Dialog>
  );
}
