import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, ask, ifMatch } from "@/admin/client";
import { reasonOf } from "@/admin/Failed";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import styles from "@/admin/TransitionButton.module.css";
import { useWords } from "@/texts/admin";
import { Button, type ButtonKind } from "@/ui/Button";

/** Steps that need nothing but the decision, the most wanted first. */
export const SIMPLE_ACTIONS = [
  "check-in",
  "check-out",
  "confirm",
  "approve-change",
  "reject-change",
  "extend-hold",
  "reject",
  "no-show",
  "undo",
] as const;

export type SimpleAction = (typeof SIMPLE_ACTIONS)[number];

interface Props {
  reservation: { id: string; version: number; guest: { name: string } };
  action: SimpleAction;
  kind?: ButtonKind;
}

/** A step of a reservation that needs nothing but the decision. A refusal stands below it, in words. */
export function TransitionButton({ reservation, action, kind = "line" }: Props) {
  const speech = useWords();
  const { tenant } = useDesk();
  const client = useQueryClient();
  const [key] = useState(() => crypto.randomUUID());
  const step = useMutation({
    mutationFn: () =>
      ask(() =>
        api.POST(`/v1/tenants/{tenant}/reservations/{reservation}/${action}`, {
          params: {
            path: { tenant, reservation: reservation.id },
            // A repeated step is the same one until the reservation has changed.
            header: { "Idempotency-Key": `${key}-${action}-${reservation.version}`, "If-Match": ifMatch(reservation.version) },
          },
        }),
      ),
    onSuccess: () => toasts.say(speech.text(`did.${action}`, { name: reservation.guest.name })),
    onSettled: () => client.invalidateQueries({ queryKey: [tenant] }),
  });
  return (
    <span className={styles.step}>
      <Button kind={kind} busy={step.isPending} onClick={() => step.mutate()}>
        {speech.text(`do.${action}`)}
      </Button>
      {step.isError && (
        <span className={styles.refused} role="alert">
          {reasonOf(step.error, speech)}
        </span>
      )}
    </span>
  );
}
