import { useState } from "react";

import { api, ifMatch } from "@/admin/client";
import { reasonOf } from "@/admin/Failed";
import styles from "@/admin/Page.module.css";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { useWrite } from "@/admin/useWrite";
import { EVENT_TYPES } from "@/admin/webhooks/events";
import type { EventType, Webhook } from "@/admin/webhooks/queries";
import { messagesByField } from "@/api/problems";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Notice } from "@/ui/Notice";

const FIELDS = ["url", "description", "events"] as const;

interface Wanted {
  url: string;
  description: string;
  /** Empty: all. */
  events: EventType[];
}

interface Props {
  /** Null makes a new one. */
  webhook: Webhook | null;
  onClose: () => void;
  /** With the secret, of a new one. */
  onMade: (secret: string | null) => void;
}

/** Where events are sent, and which. */
export function WebhookDialog({ webhook, onClose, onMade }: Props) {
  const speech = useWords();
  const { text } = speech;
  const { tenant } = useDesk();
  const [wanted, setWanted] = useState<Wanted>(() => ({
    url: webhook?.url ?? "",
    description: webhook?.description ?? "",
    events: EVENT_TYPES.filter((type) => webhook?.events.includes(type) === true),
  }));
  const [isAll, setAll] = useState(wanted.events.length === 0);
  const save = useWrite<Wanted, Webhook & { secret?: string | null }>(
    (body, key) => () =>
      webhook === null
        ? api.POST("/v1/tenants/{tenant}/webhooks", { params: { path: { tenant }, header: { "Idempotency-Key": key } }, body })
        : api.PATCH("/v1/tenants/{tenant}/webhooks/{webhook}", { params: { path: { tenant, webhook: webhook.id }, header: { "If-Match": ifMatch(webhook.version) } }, body }),
    (saved) => {
      toasts.say(text(webhook === null ? "webhooks.made" : "webhooks.saved"));
      onMade(saved.secret ?? null);
    },
  );
  const messages = messagesByField(save.error?.problem ?? null, FIELDS);
  const whole = [...(messages.get("") ?? []), ...(messages.get("events") ?? [])];
  if (save.error !== null && messages.size === 0) whole.push(reasonOf(save.error, speech));
  const set = (field: "url" | "description") => ({
    label: text(`webhooks.${field}`),
    value: wanted[field],
    errors: messages.get(field) ?? [],
    onChange: ({ target }: { target: { value: string } }) => setWanted((old) => ({ ...old, [field]: target.value })),
  });
  return (
    <Dialog
      title={text(webhook === null ? "webhooks.new" : "webhooks.change")}
      isOpen
      isWide
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{text("shell.cancel")}</Button>
          <Button kind="primary" type="submit" form="webhook" busy={save.isPending} disabled={!isAll && wanted.events.length === 0}>
            {text(webhook === null ? "webhooks.make" : "guest.save")}
          </Button>
        </>
      }
    >
      <form
        id="webhook"
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (!save.isPending) save.mutate({ ...wanted, events: isAll ? [] : wanted.events });
        }}
      >
        {whole.map((message) => (
          <Notice key={message} kind="bad" title={message} />
        ))}
        <Field hint={text("webhooks.url.hint")} type="url" required maxLength={2000} autoFocus {...set("url")} />
        <Field aside={text("guest.optional")} maxLength={200} {...set("description")} />
        <fieldset className={styles.checks}>
          <legend>{text("webhooks.events")}</legend>
          <label>
            <input type="checkbox" checked={isAll} onChange={({ target }) => setAll(target.checked)} />
            {text("webhooks.all")}
          </label>
          {!isAll &&
            EVENT_TYPES.map((type) => (
              <label key={type}>
                <input
                  type="checkbox"
                  checked={wanted.events.includes(type)}
                  onChange={({ target }) => setWanted((old) => ({ ...old, events: target.checked ? [...old.events, type] : old.events.filter((one) => one !== type) }))}
                />
                <code>{type}</code>
              </label>
            ))}
        </fieldset>
      </form>
    </Dialog>
  );
}
