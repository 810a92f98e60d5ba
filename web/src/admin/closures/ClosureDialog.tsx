import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, ifMatch } from "@/admin/client";
import { dayOf, now } from "@/admin/clock";
import { Conflicting } from "@/admin/closures/Conflicting";
import { type Closure, resourceQuery } from "@/admin/closures/queries";
import { changesOf, requestOf, type Wish, wishOf } from "@/admin/closures/wish";
import { reasonOf } from "@/admin/Failed";
import styles from "@/admin/Page.module.css";
import { resourcesQuery, useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { useWrite } from "@/admin/useWrite";
import type { Schemas } from "@/api/client";
import { messagesByField } from "@/api/problems";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Select } from "@/ui/Select";

const FIELDS = ["starts_at", "ends_at", "reason", "units"] as const;
/** Units beyond that are not chosen one by one. */
const MOST_UNITS = 200;

interface Props {
  /** Null makes a new one. */
  closure: Closure | null;
  /** Of the new one, where one was chosen before; "" where not. */
  resource: string;
  onClose: () => void;
}

/** Closes units, or changes when, which and why; who has reserved them is shown before. */
export function ClosureDialog({ closure, resource, onClose }: Props) {
  const speech = useWords();
  const { text } = speech;
  const { tenant, site } = useDesk();
  const [wish, setWish] = useState<Wish>(() =>
    closure === null ? { resource, from: `${dayOf(now(), site.timezone)}T12:00`, until: "", units: [], reason: "" } : wishOf(closure, site.timezone),
  );
  const resources = useQuery(resourcesQuery(tenant));
  const details = useQuery(resourceQuery(tenant, wish.resource));
  const request = requestOf(wish, site.timezone);
  const save = useWrite(
    ({ resource_id, starts_at, ends_at = null, reason, units = [] }: Schemas["CloseUnits"], key) =>
      () =>
        closure === null
          ? api.POST("/v1/tenants/{tenant}/closures", {
              params: { path: { tenant }, header: { "Idempotency-Key": key } },
              body: { resource_id, starts_at, reason, units, ...(ends_at === null ? {} : { ends_at }) },
            })
          : api.PATCH("/v1/tenants/{tenant}/closures/{closure}", {
              params: { path: { tenant, closure: closure.id }, header: { "If-Match": ifMatch(closure.version) } },
              body: changesOf(wishOf(closure, site.timezone), wish, site.timezone) ?? {},
            }),
    () => {
      toasts.say(text(closure === null ? "closures.made" : "closures.changed"));
      onClose();
    },
  );
  const messages = messagesByField(save.error?.problem ?? null, FIELDS);
  const whole = messages.get("") ?? (save.error !== null && messages.size === 0 ? [reasonOf(save.error, speech)] : []);
  const units = (details.data?.units ?? []).slice(0, MOST_UNITS);
  const change = (changed: Partial<Wish>) => setWish((old) => ({ ...old, ...changed }));
  return (
    <Dialog
      title={text(closure === null ? "closures.new" : "closures.change")}
      isOpen
      isWide
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{text("shell.cancel")}</Button>
          <Button kind="primary" type="submit" form="closure" busy={save.isPending} disabled={request === null}>
            {text(closure === null ? "closures.close" : "guest.save")}
          </Button>
        </>
      }
    >
      <form
        id="closure"
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (!save.isPending && request !== null) save.mutate(request);
        }}
      >
        {whole.map((message) => (
          <Notice key={message} kind="bad" title={message} />
        ))}
        {closure === null && (
          <Select
            label={text("list.resource")}
            blank={text("closures.choose")}
            required
            value={wish.resource}
            options={(resources.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(id) => change({ resource: id, units: [] })}
          />
        )}
        <Field
          label={text("closures.from")}
          type="datetime-local"
          required
          value={wish.from}
          errors={messages.get("starts_at") ?? []}
          onChange={({ target }) => change({ from: target.value })}
        />
        <Field
          label={text("closures.until")}
          hint={text("closures.until.hint", { zone: site.timezone })}
          type="datetime-local"
          value={wish.until}
          errors={messages.get("ends_at") ?? []}
          onChange={({ target }) => change({ until: target.value })}
        />
        <Field
          label={text("closures.reason")}
          hint={text("closures.reason.hint")}
          required
          maxLength={500}
          value={wish.reason}
          errors={messages.get("reason") ?? []}
          onChange={({ target }) => change({ reason: target.value })}
        />
        {units.length > 1 && (
          <fieldset className={styles.checks}>
            <legend>{text("closures.which")}</legend>
            {units.map(({ number, label }) => (
              <label key={number}>
                <input
                  type="checkbox"
                  checked={wish.units.includes(number)}
                  onChange={({ target }) => change({ units: target.checked ? [...wish.units, number] : wish.units.filter((one) => one !== number) })}
                />
                {label === "" ? number : label}
              </label>
            ))}
          </fieldset>
        )}
        {closure === null && <Conflicting request={request} />}
      </form>
    </Dialog>
  );
}
