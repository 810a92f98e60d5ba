import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useId } from "react";

import { api } from "@/admin/client";
import { addDays, dayOf, useNow } from "@/admin/clock";
import { reasonOf } from "@/admin/Failed";
import { localTime } from "@/admin/localTime";
import { quoteQuery } from "@/admin/reserve/queries";
import styles from "@/admin/reserve/Reserve.module.css";
import { Times } from "@/admin/reserve/Times";
import { Verdict } from "@/admin/reserve/Verdict";
import { WHO_FIELDS, WhoFields } from "@/admin/reserve/Who";
import { type Draft, EMPTY, wantedOf, type Wish, wishFor } from "@/admin/reserve/wish";
import { type Resource, resourcesQuery, useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { useLate } from "@/admin/useLate";
import { useWrite } from "@/admin/useWrite";
import type { Schemas } from "@/api/client";
import { messagesByField } from "@/api/problems";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Select } from "@/ui/Select";

const PAUSE_MS = 200;

interface Props {
  draft: Draft;
  onDraft: (change: (old: Draft) => Draft) => void;
  onClose: () => void;
}

/** A reservation for somebody who calls or stands at the desk. What is full can be waited for. */
export function ReserveDialog({ draft, onDraft, onClose }: Props) {
  const speech = useWords();
  const { text } = speech;
  const { tenant, site } = useDesk();
  const navigate = useNavigate();
  const form = useId();
  const today = dayOf(useNow(), site.timezone);
  const resources = useQuery(resourcesQuery(tenant));
  const offered = (resources.data ?? []).filter(({ archived_at }) => archived_at === null);
  const { wish, who } = draft;
  const setWish = (change: (old: Wish) => Wish) => onDraft((old) => ({ ...old, wish: change(old.wish) }));
  const resource = offered.find(({ id }) => id === draft.resource) ?? (offered.length === 1 ? offered[0] : undefined);
  const wanted = JSON.stringify(resource === undefined ? null : wantedOf(resource, wish));
  const settled = useLate(wanted, PAUSE_MS);
  const found = useQuery({ ...quoteQuery(tenant, settled), enabled: settled !== "null" });
  const quote = wanted === settled && !found.isFetching ? found.data : undefined;

  const { notes, phone, ...named } = who;
  const guest = { ...named, ...(phone.trim() === "" ? {} : { phone }) };
  const finish = () => {
    onDraft(() => EMPTY);
    onClose();
  };
  const reserve = useWrite(
    (body: Schemas["CreateReservation"], key) => () =>
      api.POST("/v1/tenants/{tenant}/reservations", { params: { path: { tenant }, header: { "Idempotency-Key": key } }, body }),
    ({ id, state }) => {
      const open = () => void navigate({ to: "/$tenant/reservations/$reservation", params: { tenant, reservation: id } });
      toasts.say(text(state === "pending" ? "timeline.waits.now" : "timeline.reserved", { guest: who.name }), { label: text("reserve.open"), onPress: open }, 10_000);
      finish();
    },
  );
  const wait = useWrite(
    (body: Schemas["JoinWaitlist"], key) => () =>
      api.POST("/v1/tenants/{tenant}/waitlist", { params: { path: { tenant }, header: { "Idempotency-Key": key } }, body }),
    (entry) => {
      toasts.say(text("reserve.waits", { guest: who.name, place: ("place" in entry ? entry.place : null) ?? 1 }));
      finish();
    },
  );
  const refused = [reserve, wait].find(({ isError }) => isError)?.error ?? null;
  const messages = messagesByField(refused?.problem ?? null, WHO_FIELDS);
  const whole = refused === null ? [] : refused.problem === null ? [reasonOf(refused, speech)] : (messages.get("") ?? []);
  const send = () => {
    if (quote === undefined || reserve.isPending || wait.isPending) return;
    const use = JSON.parse(settled) as NonNullable<ReturnType<typeof wantedOf>>;
    const { currency, total } = quote.price;
    // What was refused before is said no more.
    (quote.bookable ? wait : reserve).reset();
    if (quote.bookable) reserve.mutate({ ...use, guest, notes, expected_price: { currency: currency as Schemas["ExpectedMoney"]["currency"], total } });
    else if (quote.waitlist != null) wait.mutate({ ...use, guest, notes });
  };
  const begin = (id: string) => {
    onDraft((old) => ({ ...old, resource: id }));
    const mode = offered.find((one) => one.id === id)?.mode;
    if (mode !== resource?.mode) setWish((old) => ({ ...old, ...(mode === "stay" ? { start: today, end: addDays(today, 1) } : { start: "", end: "" }) }));
    else if (mode === "slot") setWish((old) => ({ ...old, start: "", end: "" }));
  };
  const canWait = quote?.bookable === false && quote.waitlist != null;
  return (
    <Dialog
      title={text("timeline.new")}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{text("shell.cancel")}</Button>
          <Button kind="primary" type="submit" form={form} busy={reserve.isPending || wait.isPending} aria-disabled={(quote?.bookable !== true && !canWait) || undefined}>
            {text(canWait ? "reserve.wait" : "timeline.reserve")}
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
        {resources.isError && resources.data === undefined && (
          <Notice kind="bad" title={reasonOf(resources.error, speech)} choices={[{ key: "retry", label: text("load.retry"), onChoose: () => void resources.refetch() }]} />
        )}
        <Select
          label={text("list.resource")}
          blank={text("reserve.choose")}
          required
          autoFocus
          options={offered.map(({ id, name }) => ({ value: id, label: name }))}
          value={resource?.id ?? ""}
          onChange={begin}
        />
        {resource !== undefined && (
          <>
            <Times key={resource.id} resource={resource} wish={wish} today={today} onChange={(times) => setWish((old) => ({ ...old, ...times }))} />
            <Counts resource={resource} wish={wish} onChange={(counts) => setWish((old) => ({ ...old, ...counts }))} />
          </>
        )}
        <div aria-live="polite" className={styles.verdict}>
          {wanted !== "null" && quote === undefined && !found.isError && <p className="muted">{text("change.asking")}</p>}
          {found.isError && wanted === settled && <Notice kind="bad" title={reasonOf(found.error, speech)} choices={[{ key: "retry", label: text("load.retry"), onChoose: () => void found.refetch() }]} />}
          {quote !== undefined && (
            <Verdict
              quote={quote}
              onChoose={(one) => {
                const other = offered.find(({ id }) => id === one.resource_id);
                if (other === undefined) return;
                onDraft((old) => ({ ...old, resource: other.id, wish: wishFor(one, other.mode, (at) => localTime(at, other.timezone)) }));
              }}
            />
          )}
        </div>
        <WhoFields who={who} errors={messages} onChange={(changes) => onDraft((old) => ({ ...old, who: { ...old.who, ...changes } }))} />
        {whole.map((message) => (
          <Notice key={message} kind="bad" title={message} />
        ))}
      </form>
    </Dialog>
  );
}

function Counts({ resource, wish, onChange }: { resource: Resource; wish: Wish; onChange: (counts: Partial<Wish>) => void }) {
  const { text } = useWords();
  return (
    <div className={styles.two}>
      <Field label={text("list.people")} type="number" min={1} required value={wish.people} onChange={({ target }) => onChange({ people: target.value })} />
      {resource.capacity > 1 && (
        <Field label={text("fact.quantity")} type="number" min={1} max={resource.capacity} required value={wish.quantity} onChange={({ target }) => onChange({ quantity: target.value })} />
      )}
    </div>
  );
}
