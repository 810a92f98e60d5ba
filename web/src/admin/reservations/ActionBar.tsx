import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { AdminIcon } from "@/admin/AdminIcon";
import { CancelDialog } from "@/admin/reservations/CancelDialog";
import { ChangeDialog, type ChangeKind } from "@/admin/reservations/ChangeDialog";
import { actionsQuery, type Reservation } from "@/admin/reservations/queries";
import styles from "@/admin/reservations/Reservation.module.css";
import { useShortcut } from "@/admin/shortcuts";
import { useDesk } from "@/admin/tenant";
import { SIMPLE_ACTIONS, TransitionButton } from "@/admin/TransitionButton";
import type { Schemas } from "@/api/client";
import type { EditLock } from "@/realtime/locks";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";

interface Props {
  reservation: Reservation;
  resource: Schemas["ResourceDetails"] | undefined;
  cancellation: Schemas["CancellationBody"] | undefined;
  lock: EditLock | null;
  onEdit: () => void;
}

const CHANGES: readonly { kind: ChangeKind; keys: string }[] = [
  { kind: "move", keys: "m" },
  { kind: "extend", keys: "]" },
  { kind: "shorten", keys: "[" },
];

/** What the API lets one do now, as buttons; what comes later is said with its time. */
export function ActionBar({ reservation, resource, cancellation, lock, onEdit }: Props) {
  const { text, moment } = useWords();
  const { tenant } = useDesk();
  const found = useQuery({ ...actionsQuery(tenant, reservation.id), refetchInterval: 60_000 });
  const [open, setOpen] = useState<ChangeKind | "cancel" | null>(null);
  const items = found.data?.items ?? [];
  const can = (action: string) => lock === null && items.some((one) => one.action === action && one.possible);
  const start = (kind: ChangeKind | "cancel") => can(kind) && setOpen(kind);
  useShortcut("m", text("do.move"), () => start("move"));
  useShortcut("]", text("do.extend"), () => start("extend"));
  useShortcut("[", text("do.shorten"), () => start("shorten"));
  useShortcut("e", text("do.update"), () => can("update") && onEdit());
  const simple = SIMPLE_ACTIONS.filter((action) => can(action.replaceAll("-", "_")));
  const at = found.data?.at ?? "";
  const later = items.filter(({ possible, available_from }) => !possible && available_from != null && available_from > at);
  return (
    <div className={styles.actions}>
      {simple.map((action, index) => (
        <TransitionButton key={action} reservation={reservation} action={action} kind={index === 0 && action !== "no-show" && action !== "undo" ? "primary" : "line"} />
      ))}
      {CHANGES.filter(({ kind }) => can(kind)).map(({ kind, keys }) => (
        <Button key={kind} onClick={() => setOpen(kind)}>
          {text(`do.${kind}`)} <kbd>{keys}</kbd>
        </Button>
      ))}
      {can("update") && (
        <Button onClick={onEdit}>
          {text("do.update")} <kbd>e</kbd>
        </Button>
      )}
      {can("cancel") && (
        <Button className={styles.cancel} onClick={() => setOpen("cancel")}>
          {text("do.cancel")}
        </Button>
      )}
      {lock !== null && (
        <span className={styles.why}>
          <AdminIcon name="lock" size={14} />
          {text("lock.waits", { name: lock.holderName ?? text("history.somebody") })}
        </span>
      )}
      {later.length > 0 && (
        <span className={styles.later}>
          <b>{text("reservation.notyet")}</b>
          {later.map(({ action, available_from }) => (
            <span key={action}>{text("reservation.from", { action: text(`do.${action.replaceAll("_", "-")}` as "do.check-in"), from: moment(available_from ?? "") })}</span>
          ))}
        </span>
      )}
      {(open === "move" || open === "extend" || open === "shorten") && (
        <ChangeDialog kind={open} reservation={reservation} resource={resource} onClose={() => setOpen(null)} />
      )}
      {open === "cancel" && <CancelDialog reservation={reservation} cancellation={cancellation} onClose={() => setOpen(null)} />}
    </div>
  );
}
