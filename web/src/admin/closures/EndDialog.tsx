import { api, ifMatch } from "@/admin/client";
import { now } from "@/admin/clock";
import type { Closure } from "@/admin/closures/queries";
import { reasonOf } from "@/admin/Failed";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { useWrite } from "@/admin/useWrite";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";

/** Asks once: what was closed can be reserved again at once, also by those who wait. */
export function EndDialog({ closure, onClose }: { closure: Closure; onClose: () => void }) {
  const speech = useWords();
  const { text } = speech;
  const { tenant } = useDesk();
  const end = useWrite<null, unknown>(
    () => () =>
      api.DELETE("/v1/tenants/{tenant}/closures/{closure}", { params: { path: { tenant, closure: closure.id }, header: { "If-Match": ifMatch(closure.version) } } }),
    () => {
      toasts.say(text("closures.ended"));
      onClose();
    },
  );
  return (
    <Dialog
      title={text("closures.end.of", { reason: closure.reason })}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{text("shell.cancel")}</Button>
          <Button kind="primary" busy={end.isPending} onClick={() => end.mutate(null)}>
            {text("closures.end")}
          </Button>
        </>
      }
    >
      {end.isError && <Notice kind="bad" title={reasonOf(end.error, speech)} />}
      <p>{text(Date.parse(closure.starts_at) <= now() ? "closures.end.begun" : "closures.end.ahead")}</p>
    </Dialog>
  );
}
