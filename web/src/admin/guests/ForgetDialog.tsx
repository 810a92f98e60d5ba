import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { api, ifMatch } from "@/admin/client";
import { reasonOf } from "@/admin/Failed";
import type { Guest } from "@/admin/guests/queries";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { useWrite } from "@/admin/useWrite";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Notice } from "@/ui/Notice";

/** There is no way back from it: whoever means it types the name. */
export function ForgetDialog({ guest, onClose }: { guest: Guest; onClose: () => void }) {
  const speech = useWords();
  const { text } = speech;
  const { tenant } = useDesk();
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const forget = useWrite<null, Guest>(
    () => () =>
      api.POST("/v1/tenants/{tenant}/guests/{guest}/anonymize", {
        params: { path: { tenant, guest: guest.id }, header: { "If-Match": ifMatch(guest.version) } },
        body: { irrevocably: true },
      }),
    async (nameless) => {
      toasts.say(text("guests.forget.done"));
      onClose();
      // The reservations are those of a guest without a name now; the one that was shown is gone.
      await navigate({ to: "/$tenant/guests/$guest", params: { tenant, guest: nameless.id }, replace: true });
    },
  );
  const isMeant = typed.trim().toLocaleLowerCase() === guest.name.trim().toLocaleLowerCase();
  return (
    <Dialog
      title={text("guests.forget.title", { name: guest.name })}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{text("shell.cancel")}</Button>
          <Button kind="danger" disabled={!isMeant} busy={forget.isPending} onClick={() => forget.mutate(null)}>
            {text("guests.forget")}
          </Button>
        </>
      }
    >
      {forget.isError && <Notice kind="bad" title={reasonOf(forget.error, speech)} />}
      <p>{text("guests.forget.goes")}</p>
      <p>{text("guests.forget.stays")}</p>
      <Field label={text("guests.forget.type", { name: guest.name })} value={typed} maxLength={200} autoComplete="off" onChange={({ target }) => setTyped(target.value)} />
    </Dialog>
  );
}
