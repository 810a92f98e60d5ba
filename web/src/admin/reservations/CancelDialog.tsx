import { api, ifMatch } from "@/admin/client";
import { reasonOf } from "@/admin/Failed";
import type { Reservation } from "@/admin/reservations/queries";
import { useWrite } from "@/admin/useWrite";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import type { Schemas } from "@/api/client";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";

interface Props {
  reservation: Reservation;
  cancellation: Schemas["CancellationBody"] | undefined;
  onClose: () => void;
}

/** Asks once, with what is paid back. */
export function CancelDialog({ reservation, cancellation, onClose }: Props) {
  const speech = useWords();
  const { text, money } = speech;
  const { tenant } = useDesk();
  const cancel = useWrite(
    (_wanted: null, key) => () =>
      api.POST("/v1/tenants/{tenant}/reservations/{reservation}/cancel", {
        params: {
          path: { tenant, reservation: reservation.id },
          header: { "Idempotency-Key": key, "If-Match": ifMatch(reservation.version) },
        },
      }),
    () => {
      toasts.say(text("did.cancel", { name: reservation.guest.name }));
      onClose();
    },
  );
  return (
    <Dialog
      title={text("cancel.title", { name: reservation.guest.name })}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{text("cancel.keep")}</Button>
          <Button kind="danger" busy={cancel.isPending} onClick={() => cancel.mutate(null)}>
            {text("do.cancel")}
          </Button>
        </>
      }
    >
      {cancellation?.refund != null && cancellation.retained != null && (
        <p>{text("cancel.refund", { refund: money(cancellation.refund), retained: money(cancellation.retained) })}</p>
      )}
      {cancel.isError && <Notice kind="bad" title={reasonOf(cancel.error, speech)} />}
    </Dialog>
  );
}
