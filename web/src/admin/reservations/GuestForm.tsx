import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, ask, ifMatch } from "@/admin/client";
import { reasonOf } from "@/admin/Failed";
import { ConflictDialog } from "@/admin/reservations/ConflictDialog";
import { type Details, detailsOf, updateOf } from "@/admin/reservations/details";
import { type Reservation, reservationQuery } from "@/admin/reservations/queries";
import styles from "@/admin/reservations/Reservation.module.css";
import { useOwnLock } from "@/admin/reservations/useOwnLock";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { messagesByField, Refused } from "@/api/problems";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Notice } from "@/ui/Notice";

interface Props {
  reservation: Reservation;
  /** With the reservation as it was saved; null where nothing was. */
  onDone: (saved: Reservation | null) => void;
}

interface Wanted {
  before: Reservation;
  details: Details;
}

/** Corrects guest and notes. Where somebody else was faster, both changes are shown, and mine can go on top. */
export function GuestForm({ reservation, onDone }: Props) {
  const speech = useWords();
  const { text } = speech;
  const { tenant } = useDesk();
  const client = useQueryClient();
  // What was read when the form opened. It stays, whatever comes in meanwhile: that is what the change is made to.
  const [base, setBase] = useState(reservation);
  const [mine, setMine] = useState(() => detailsOf(reservation));
  const [theirs, setTheirs] = useState<Reservation | null>(null);
  const lock = useOwnLock(reservation);
  const save = useMutation<Reservation | null, Refused, Wanted>({
    mutationFn: async ({ before, details }) => {
      const update = updateOf(detailsOf(before), details);
      if (update === null) return before;
      const send = (fencing: number | null) =>
        ask(() =>
          api.PATCH("/v1/tenants/{tenant}/reservations/{reservation}", {
            params: {
              path: { tenant, reservation: before.id },
              header: { "If-Match": ifMatch(before.version), ...(fencing === null ? {} : { "Edit-Lock": String(fencing) }) },
            },
            body: update,
          }),
        );
      try {
        return await send(lock.fencing).catch((thrown: unknown) => {
          // A lock that is gone is no reason to lose what was typed: the version tells whether others wrote meanwhile.
          if (thrown instanceof Refused && thrown.problem?.code === "edit_lock_lost") return send(null);
          throw thrown;
        });
      } catch (thrown) {
        if (!(thrown instanceof Refused) || thrown.problem?.code !== "version_mismatch") throw thrown;
        setTheirs(await client.query({ ...reservationQuery(tenant, before.id), staleTime: 0 }));
        return null;
      }
    },
    onSuccess: async (saved) => {
      if (saved === null) return;
      toasts.say(text("guest.saved"));
      onDone(saved);
      await client.invalidateQueries({ queryKey: [tenant] });
    },
  });
  const messages = messagesByField(save.error?.problem ?? null, ["name", "email", "phone", "notes"]);
  const whole = messages.get("") ?? (save.error !== null && messages.size === 0 ? [reasonOf(save.error, speech)] : []);
  const set = (field: keyof Details) => ({
    value: mine[field],
    errors: messages.get(field) ?? [],
    onChange: ({ target }: { target: { value: string } }) => setMine((old) => ({ ...old, [field]: target.value })),
  });
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (!save.isPending) save.mutate({ before: base, details: mine });
      }}
    >
      {whole.map((message) => (
        <Notice key={message} kind="bad" title={message} />
      ))}
      {lock.refusal !== null && <Notice kind="bad" title={lock.refusal} />}
      <Field label={text("guest.name")} required maxLength={200} autoFocus {...set("name")} />
      <Field label={text("guest.email")} type="email" required maxLength={254} {...set("email")} />
      <Field label={text("guest.phone")} aside={text("guest.optional")} type="tel" maxLength={40} {...set("phone")} />
      <Field label={text("guest.notes")} aside={text("guest.optional")} lines maxLength={2000} {...set("notes")} />
      <div className={styles.buttons}>
        <Button onClick={() => onDone(null)}>{text("shell.cancel")}</Button>
        <Button type="submit" kind="primary" busy={save.isPending}>
          {text("guest.save")}
        </Button>
      </div>
      {theirs !== null && (
        <ConflictDialog
          base={base}
          theirs={theirs}
          mine={mine}
          onDiscard={() => onDone(theirs)}
          onEdit={() => setTheirs(null)}
          onRedo={(merged) => {
            setBase(theirs);
            setMine(merged);
            setTheirs(null);
            save.mutate({ before: theirs, details: merged });
          }}
        />
      )}
    </form>
  );
}
