import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";

import { api, ask, ifMatch } from "@/admin/client";
import { reasonOf } from "@/admin/Failed";
import styles from "@/admin/notifications/Notifications.module.css";
import { EVENTS, type EventName, type Preferences } from "@/admin/notifications/queries";
import { type Resource, useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { Refused } from "@/api/problems";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Select } from "@/ui/Select";

/** Of what one is notified, of which resources, and in which hours of nothing. */
export function PreferencesForm({ preferences, resources }: { preferences: Preferences; resources: readonly Resource[] }) {
  const speech = useWords();
  const { text } = speech;
  const { tenant, site } = useDesk();
  const client = useQueryClient();
  const [events, setEvents] = useState<readonly EventName[]>(preferences.events);
  const [all, setAll] = useState(preferences.resource_ids.length === 0);
  const [chosen, setChosen] = useState<readonly string[]>(preferences.resource_ids);
  const [quiet, setQuiet] = useState(preferences.quiet_hours !== null);
  const [starts, setStarts] = useState(preferences.quiet_hours?.starts_at ?? "22:00");
  const [ends, setEnds] = useState(preferences.quiet_hours?.ends_at ?? "07:00");
  const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [zone, setZone] = useState(preferences.quiet_hours?.timezone ?? browserZone);
  // What is read anew meanwhile changes nothing that stands here: it is compared when this is saved.
  const [version, setVersion] = useState(preferences.version);
  const zones = [...new Set([zone, browserZone, site.timezone])];
  const save = useMutation<Preferences, Refused, number | "*">({
    mutationFn: (expected) =>
      ask(() =>
        api.PUT("/v1/tenants/{tenant}/push-preferences", {
          params: { path: { tenant }, header: { "If-Match": expected === "*" ? "*" : ifMatch(expected) } },
          body: {
            events: [...events],
            resource_ids: all ? [] : [...chosen],
            quiet_hours: quiet ? { starts_at: starts, ends_at: ends, timezone: zone } : null,
          },
        }),
      ),
    onSuccess: (saved) => {
      setVersion(saved.version);
      client.setQueryData([tenant, "push", "preferences"], saved);
      toasts.say(text("push.saved"));
    },
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    save.mutate(version);
  };
  const isConflict = save.error?.problem?.code === "version_mismatch";
  const needsResource = !all && chosen.length === 0;
  return (
    <form className={styles.part} onSubmit={send}>
      <fieldset>
        <legend>{text("push.events")}</legend>
        <p className="muted small">{text("push.events.hint")}</p>
        <div className={styles.checks}>
          {EVENTS.map((name) => (
            <Check key={name} label={text(`push.${name}` as "push.reservation.created")} checked={events.includes(name)} onChange={(on) => setEvents(toggled(events, name, on))} />
          ))}
        </div>
      </fieldset>
      <fieldset>
        <legend>{text("push.resources")}</legend>
        <Check label={text("push.resources.all")} checked={all} onChange={setAll} />
        {!all && (
          <div className={styles.checks}>
            {resources.map(({ id, name }) => (
              <Check key={id} label={name} checked={chosen.includes(id)} onChange={(on) => setChosen(toggled(chosen, id, on))} />
            ))}
          </div>
        )}
        {needsResource && <p className={styles.wrong}>{text("push.resources.none")}</p>}
      </fieldset>
      <fieldset>
        <legend>{text("push.quiet")}</legend>
        <p className="muted small">{text("push.quiet.hint")}</p>
        <Check label={text("push.quiet.on")} checked={quiet} onChange={setQuiet} />
        {quiet && (
          <div className={styles.quiet}>
            <Field label={text("push.quiet.from")} type="time" required value={starts} onChange={({ target }) => setStarts(target.value)} />
            <Field label={text("push.quiet.until")} type="time" required value={ends} onChange={({ target }) => setEnds(target.value)} />
            <Select label={text("push.quiet.zone")} options={zones.map((one) => ({ value: one, label: one.replaceAll("_", " ") }))} blank="" value={zone} onChange={setZone} />
          </div>
        )}
      </fieldset>
      {save.isError && (
        <Notice
          kind="bad"
          title={text(isConflict ? "push.conflict" : "push.unsaved")}
          choices={isConflict ? [{ key: "mine", label: text("push.conflict.mine"), onChoose: () => save.mutate("*") }] : []}
        >
          <p>{isConflict ? text("push.conflict.hint") : reasonOf(save.error, speech)}</p>
        </Notice>
      )}
      <div>
        <Button type="submit" kind="primary" busy={save.isPending} disabled={needsResource}>
          {text("push.save")}
        </Button>
      </div>
    </form>
  );
}

function Check({ label, checked, onChange }: { label: string; checked: boolean; onChange: (on: boolean) => void }) {
  return (
    <label className={styles.check}>
      <input type="checkbox" checked={checked} onChange={({ target }) => onChange(target.checked)} />
      <span>{label}</span>
    </label>
  );
}

function toggled<One>(list: readonly One[], one: One, on: boolean): One[] {
  return on ? [...list, one] : list.filter((other) => other !== one);
}
