import { api } from "@/admin/client";
import { reasonOf } from "@/admin/Failed";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { useWrite } from "@/admin/useWrite";
import type { Entry } from "@/admin/waitlist/queries";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";

interface Props {
  entry: Entry;
  onClose: () => void;
}

/** Asks before somebody loses their place. */
export function RemoveDialog({ entry, onClose }: Props) {
  const speech = useWords();
  const { text } = speech;
  const { tenant } = useDesk();
  const remove = useWrite(
    () => () => api.DELETE("/v1/tenants/{tenant}/waitlist/{entry}", { params: { path: { tenant, entry: entry.id } } }),
    () => {
      toasts.say(text("waitlist.removed", { name: entry.guest.name }));
      onClose();
    },
  );
  return (
    <Dialog
      title={text("waitlist.remove.title", { name: entry.guest.name })}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{text("shell.cancel")}</Button>
          <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate(null)}>
            {text("waitlist.remove")}
          </Button>
        </>
      }
    >
      <p>{text("waitlist.remove.hint")}</p>
      {remove.isError && <Notice kind="bad" title={reasonOf(remove.error, speech)} />}
    </Dialog>
  );
}

/** Asks before a link that somebody may use is over. */
export function RenewDialog({ entry, onClose }: Props) {
  const speech = useWords();
  const { text } = speech;
  const { tenant } = useDesk();
  const renew = useWrite(
    () => () => api.POST("/v1/tenants/{tenant}/waitlist/{entry}/renew-link", { params: { path: { tenant, entry: entry.id } } }),
    () => {
      toasts.say(text("waitlist.renewed", { email: entry.guest.email }));
      onClose();
    },
  );
  return (
    <Dialog
      title={text("waitlist.renew.title", { name: entry.guest.name })}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{text("shell.cancel")}</Button>
          <Button kind="primary" busy={renew.isPending} onClick={() => renew.mutate(null)}>
            {text("waitlist.renew")}
          </Button>
        </>
      }
    >
      <p>{text("waitlist.renew.hint", { email: entry.guest.email })}</p>
      {renew.isError && <Notice kind="bad" title={reasonOf(renew.error, speech)} />}
    </Dialog>
  );
}
