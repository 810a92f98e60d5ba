import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, ask, ifMatch } from "@/admin/client";
import { reasonOf } from "@/admin/Failed";
import { changesOf, type Contact, contactOf, FIELDS, redo } from "@/admin/guests/contact";
import styles from "@/admin/guests/Guests.module.css";
import { type Guest, guestQuery } from "@/admin/guests/queries";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { messagesByField, Refused } from "@/api/problems";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Notice } from "@/ui/Notice";

/** Corrects how a guest is called and reached, in all their reservations. Nothing that was typed is lost. */
export function ContactForm({ guest, onDone }: { guest: Guest; onDone: () => void }) {
  const speech = useWords();
  const { text } = speech;
  const { tenant } = useDesk();
  const client = useQueryClient();
  // What was read when the form opened: the change is made to that, whatever comes in meanwhile.
  const [base, setBase] = useState(guest);
  const [mine, setMine] = useState(() => contactOf(guest));
  const [theirs, setTheirs] = useState<Guest | null>(null);
  const save = useMutation<Guest | null, Refused, { before: Guest; contact: Contact }>({
    mutationFn: async ({ before, contact }) => {
      const changes = changesOf(contactOf(before), contact);
      if (changes === null) return before;
      try {
        return await ask(() =>
          api.PATCH("/v1/tenants/{tenant}/guests/{guest}", {
            params: { path: { tenant, guest: before.id }, header: { "If-Match": ifMatch(before.version) } },
            body: changes,
          }),
        );
      } catch (thrown) {
        if (!(thrown instanceof Refused) || thrown.problem?.code !== "version_mismatch") throw thrown;
        setTheirs(await client.query({ ...guestQuery(tenant, before.id), staleTime: 0 }));
        return null;
      }
    },
    onSuccess: async (saved) => {
      if (saved === null) return;
      client.setQueryData(guestQuery(tenant, saved.id).queryKey, saved);
      toasts.say(text("guests.saved"));
      onDone();
      await client.invalidateQueries({ queryKey: [tenant] });
    },
  });
  const messages = messagesByField(save.error?.problem ?? null, FIELDS);
  const whole = messages.get("") ?? (save.error !== null && messages.size === 0 ? [reasonOf(save.error, speech)] : []);
  const set = (field: keyof Contact) => ({
    label: text(`guest.${field}`),
    value: mine[field],
    errors: messages.get(field) ?? [],
    onChange: ({ target }: { target: { value: string } }) => setMine((old) => ({ ...old, [field]: target.value })),
  });
  const redoOnTop = (saved: Guest) => {
    const merged = redo(contactOf(base), contactOf(saved), mine);
    setBase(saved);
    setMine(merged);
    setTheirs(null);
    save.mutate({ before: saved, contact: merged });
  };
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (!save.isPending) save.mutate({ before: base, contact: mine });
      }}
    >
      {whole.map((message) => (
        <Notice key={message} kind="bad" title={message} />
      ))}
      {theirs !== null && (
        <Notice
          kind="bad"
          title={text("guests.conflict")}
          choices={[
            { key: "redo", label: text("conflict.redo"), onChoose: () => redoOnTop(theirs) },
            { key: "discard", label: text("conflict.discard"), onChoose: onDone },
          ]}
        >
          <ul>
            {FIELDS.filter((field) => contactOf(theirs)[field] !== contactOf(base)[field]).map((field) => (
              <li key={field} dir="auto">
                {text(`guest.${field}`)}: <b>{contactOf(theirs)[field] || text("guest.none")}</b>
              </li>
            ))}
          </ul>
        </Notice>
      )}
      <Field required maxLength={200} autoFocus {...set("name")} />
      <Field type="email" required maxLength={254} {...set("email")} />
      <Field aside={text("guest.optional")} type="tel" maxLength={40} {...set("phone")} />
      <div className={styles.buttons}>
        <Button onClick={onDone}>{text("shell.cancel")}</Button>
        <Button type="submit" kind="primary" busy={save.isPending}>
          {text("guest.save")}
        </Button>
      </div>
    </form>
  );
}
