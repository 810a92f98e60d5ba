import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState, useSyncExternalStore } from "react";

import { api, ask } from "@/admin/client";
import { reasonOf } from "@/admin/Failed";
import { lookHere, nameHere, subscribeHere } from "@/admin/notifications/browser";
import styles from "@/admin/notifications/Notifications.module.css";
import type { Device } from "@/admin/notifications/queries";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { appState, install, subscribeToApp, unsubscribe } from "@/admin/worker";
import { Refused } from "@/api/problems";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Notice } from "@/ui/Notice";

/** The devices that one is told by, with this one first, and what keeps it from being one. */
export function Devices({ devices, serverKey }: { devices: readonly Device[]; serverKey: string | null }) {
  const speech = useWords();
  const { text } = speech;
  const { installable } = useSyncExternalStore(subscribeToApp, appState);
  const { tenant } = useDesk();
  const client = useQueryClient();
  const here = useQuery({ queryKey: ["push here"], queryFn: lookHere, staleTime: 0 });
  const refresh = async () => {
    await Promise.all([client.invalidateQueries({ queryKey: [tenant, "push", "devices"] }), here.refetch()]);
  };
  const mine = here.data?.fingerprint;
  const isOn = mine != null && devices.some(({ fingerprint }) => fingerprint === mine);
  return (
    <div className={styles.part}>
      {serverKey === null ? (
        <Notice title={text("push.none")}>
          <p>{text("push.none.hint")}</p>
        </Notice>
      ) : (
        here.data !== undefined &&
        !isOn && <TurnOn support={here.data.support} permission={here.data.permission} serverKey={serverKey} onDone={refresh} />
      )}
      {devices.length === 0 ? (
        <p className="muted">{text("push.devices.none")}</p>
      ) : (
        <ul className={styles.devices}>
          {devices.map((device) => (
            <Row key={device.id} device={device} isHere={device.fingerprint === mine} onDone={refresh} />
          ))}
        </ul>
      )}
      {installable && (
        <p>
          <Button onClick={() => void install()}>{text("app.install")}</Button> <span className="muted">{text("app.install.hint")}</span>
        </p>
      )}
    </div>
  );
}

interface TurnOnProps {
  support: "yes" | "no" | "installed_only";
  permission: NotificationPermission;
  serverKey: string;
  onDone: () => Promise<void>;
}

function TurnOn({ support, permission, serverKey, onDone }: TurnOnProps) {
  const speech = useWords();
  const { text, language } = speech;
  const { tenant } = useDesk();
  const [name, setName] = useState(() => nameHere(navigator.userAgent));
  const turnOn = useMutation({
    mutationFn: async () => {
      if ((await Notification.requestPermission()) !== "granted") return false;
      const subscription = await subscribeHere(serverKey);
      const body = { ...subscription, name, language };
      await ask(() =>
        api.POST("/v1/tenants/{tenant}/push-subscriptions", {
          params: { path: { tenant }, header: { "Idempotency-Key": crypto.randomUUID() } },
          body,
        }),
      );
      return true;
    },
    onSettled: onDone,
  });
  if (support !== "yes") return <Notice title={text(support === "no" ? "push.unsupported" : "push.installed_only")} />;
  if (permission === "denied") {
    return (
      <Notice title={text("push.denied")}>
        <p>{text("push.denied.hint")}</p>
      </Notice>
    );
  }
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    turnOn.mutate();
  };
  return (
    <form className={styles.on} onSubmit={send}>
      <Field
        label={text("push.name")}
        hint={text("push.name.hint")}
        required
        maxLength={100}
        value={name}
        onChange={({ target }) => setName(target.value)}
      />
      <Button type="submit" kind="primary" busy={turnOn.isPending}>
        {text("push.on")}
      </Button>
      {turnOn.isError && (
        <Notice kind="bad" title={text("push.failed")}>
          <p>{turnOn.error instanceof Refused ? reasonOf(turnOn.error, speech) : text("push.failed.service")}</p>
        </Notice>
      )}
    </form>
  );
}

function Row({ device, isHere, onDone }: { device: Device; isHere: boolean; onDone: () => Promise<void> }) {
  const speech = useWords();
  const { text, instant } = speech;
  const { tenant } = useDesk();
  const path = { tenant, device: device.id };
  const say = (error: unknown) => toasts.say(reasonOf(error, speech));
  const test = useMutation({
    mutationFn: () =>
      ask(() =>
        api.POST("/v1/tenants/{tenant}/push-subscriptions/{device}/test", {
          params: { path, header: { "Idempotency-Key": crypto.randomUUID() } },
        }),
      ),
    onSuccess: () => toasts.say(text("push.tested", { name: device.name })),
    onError: say,
  });
  const remove = useMutation({
    mutationFn: async () => {
      await ask(() => api.DELETE("/v1/tenants/{tenant}/push-subscriptions/{device}", { params: { path } }));
      if (isHere) await unsubscribe();
    },
    onError: say,
    onSettled: onDone,
  });
  return (
    <li>
      <span>
        <b>{device.name}</b> {isHere && <span className={styles.here}>{text("push.here")}</span>}
        <span className="muted small">
          {device.last_sent_at == null ? text("push.never") : text("push.last", { when: instant(device.last_sent_at) })}
        </span>
      </span>
      <span className={styles.buttons}>
        <Button busy={test.isPending} onClick={() => test.mutate()} aria-label={text("push.test.of", { name: device.name })}>
          {text("push.test")}
        </Button>
        <Button busy={remove.isPending} onClick={() => remove.mutate()} aria-label={text("push.off.of", { name: device.name })}>
          {text("push.off")}
        </Button>
      </span>
    </li>
  );
}
