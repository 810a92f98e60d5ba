import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";

import { api, ask, ifMatch } from "@/admin/client";
import { reasonOf } from "@/admin/Failed";
import { localTime } from "@/admin/localTime";
import { newTimes, type Wish } from "@/admin/reservations/change";
import type { Reservation } from "@/admin/reservations/queries";
import styles from "@/admin/reservations/Reservation.module.css";
import { spanOf } from "@/admin/span";
import { useWrite } from "@/admin/useWrite";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { useLate } from "@/admin/useLate";
import type { Schemas } from "@/api/client";
import { failureOf } from "@/api/problems";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Notice } from "@/ui/Notice";

export type ChangeKind = "move" | "extend" | "shorten";

interface Props {
  kind: ChangeKind;
  reservation: Reservation;
  resource: Schemas["ResourceDetails"] | undefined;
  onClose: () => void;
}

const PAUSE_MS = 250;

/** Other times or another size: what it would come to is asked while one chooses, and stands there before it is written. */
export function ChangeDialog({ kind, reservation, resource, onClose }: Props) {
  const speech = useWords();
  const { text, money } = speech;
  const { tenant } = useDesk();
  const form = useId();
  // What it was when the form opened: another change meanwhile is refused, not overwritten.
  const [before] = useState(reservation);
  const isStay = before.check_in_on != null;
  const [wish, setWish] = useState<Wish>(() => ({
    start: before.check_in_on ?? localTime(before.starts_at, before.timezone),
    end: before.check_out_on ?? localTime(before.ends_at, before.timezone),
    people: String(before.party_size),
  }));
  const body = newTimes(kind, wish, before);
  const wanted = useLate(JSON.stringify(body), PAUSE_MS);
  const header = { "If-Match": ifMatch(before.version) };
  const path = { tenant, reservation: before.id };
  const preview = useQuery({
    queryKey: [tenant, "reservation", before.id, "preview", kind, wanted],
    enabled: body !== null && wanted !== "null",
    retry: false,
    queryFn: ({ signal }) => ask(() => api.POST(`/v1/tenants/{tenant}/reservations/{reservation}/${kind}/preview`, { params: { path, header }, body: JSON.parse(wanted) as Schemas["MoveReservation"] & Schemas["NewEnd"], signal })),
  });
  const isCurrent = JSON.stringify(body) === wanted && !preview.isFetching;
  const change = useWrite(
    (agreed: Schemas["MoveReservation"] & Schemas["NewEnd"], key) => () =>
      api.POST(`/v1/tenants/{tenant}/reservations/{reservation}/${kind}`, { params: { path, header: { ...header, "Idempotency-Key": key } }, body: agreed }),
    () => {
      toasts.say(text(`did.${kind}`, { name: before.guest.name }));
      onClose();
    },
  );
  const problem = preview.isError ? failureOf(preview.error)?.problem : null;
  const type = isStay ? "date" : "datetime-local";
  const send = () => {
    if (body === null || preview.data === undefined || !isCurrent) return;
    const { currency, total } = preview.data.new_price;
    change.mutate({ ...body, expected_price: { currency: currency as Schemas["ExpectedMoney"]["currency"], total } });
  };
  return (
    <Dialog
      title={text(`change.${kind}`, { name: before.guest.name })}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{text("shell.cancel")}</Button>
          <Button kind="primary" type="submit" form={form} busy={change.isPending} aria-disabled={preview.data === undefined || !isCurrent || undefined}>
            {text(`do.${kind}`)}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        {kind === "move" && (
          <Field label={text("stay.arrives")} type={type} required value={wish.start} onChange={({ target }) => setWish((old) => ({ ...old, start: target.value }))} />
        )}
        <Field label={text("stay.leaves")} type={type} required value={wish.end} onChange={({ target }) => setWish((old) => ({ ...old, end: target.value }))} />
        {kind === "move" && (
          <Field
            label={text("list.people")}
            type="number"
            min={1}
            max={resource === undefined ? undefined : resource.max_party_size * before.quantity}
            required
            value={wish.people}
            onChange={({ target }) => setWish((old) => ({ ...old, people: target.value }))}
          />
        )}
      </form>
      <div aria-live="polite">
        {body === null ? (
          <p className="muted">{text("change.same")}</p>
        ) : !isCurrent ? (
          <p className="muted">{text("change.asking")}</p>
        ) : preview.isError ? (
          <Notice kind="bad" title={problem?.violations?.[0]?.message ?? reasonOf(preview.error, speech)}>
            {(problem?.violations ?? []).slice(1).map(({ message }) => (
              <p key={message}>{message}</p>
            ))}
            {(problem?.alternatives ?? []).length > 0 && (
              <>
                <p>{text("change.instead")}</p>
                <ul>
                  {(problem?.alternatives ?? []).map((one, index) => (
                    <li key={index}>
                      {one.resource_name}, {spanOf(one, speech)}
                      {one.price != null && `, ${money(one.price)}`}
                    </li>
                  ))}
                </ul>
              </>
            )}
          </Notice>
        ) : (
          preview.data !== undefined && (
            <Notice
              kind="ok"
              title={text(preview.data.pending_change == null ? "change.ok" : "change.waits", {
                difference: `${preview.data.price_change.total > 0 ? "+" : ""}${money(preview.data.price_change)}`,
              })}
            >
              <p>
                {text("change.becomes", { before: money(before.price), after: money(preview.data.new_price) })}
              </p>
            </Notice>
          )
        )}
      </div>
      {change.isError && <Notice kind="bad" title={reasonOf(change.error, speech)} />}
    </Dialog>
  );
}
