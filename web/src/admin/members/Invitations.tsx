import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { MemberRole } from "@/admin/access";
import { Card } from "@/admin/Card";
import { api } from "@/admin/client";
import { reasonOf } from "@/admin/Failed";
import { Loaded } from "@/admin/Loaded";
import { type Invitation, invitationsQuery } from "@/admin/members/queries";
import { RoleFields, type WantedRole } from "@/admin/members/RoleFields";
import styles from "@/admin/Page.module.css";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { useWrite } from "@/admin/useWrite";
import { messagesByField } from "@/api/problems";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Notice } from "@/ui/Notice";

/** Who was asked by email to work here and has not answered yet. */
export function Invitations() {
  const { text } = useWords();
  const { tenant } = useDesk();
  const found = useQuery(invitationsQuery(tenant));
  const [isInviting, setInviting] = useState(false);
  return (
    <Card
      title={text("members.invitations")}
      aside={
        <Button kind="primary" onClick={() => setInviting(true)}>
          {text("members.invite")}
        </Button>
      }
    >
      <Loaded found={found} nothing={text("members.invitations.none")}>
        {(one) => <Row key={one.id} invitation={one} />}
      </Loaded>
      {isInviting && <InviteDialog onClose={() => setInviting(false)} />}
    </Card>
  );
}

function Row({ invitation }: { invitation: Invitation }) {
  const speech = useWords();
  const { text, instant } = speech;
  const { tenant } = useDesk();
  const params = { path: { tenant, invitation: invitation.id } };
  const resend = useWrite(
    (_wanted: string, key) => () => api.POST("/v1/tenants/{tenant}/invitations/{invitation}/resend", { params: { ...params, header: { "Idempotency-Key": key } } }),
    () => toasts.say(text("members.resent", { email: invitation.email })),
  );
  const revoke = useWrite<null, unknown>(
    () => () => api.DELETE("/v1/tenants/{tenant}/invitations/{invitation}", { params }),
    () => toasts.say(text("members.revoked", { email: invitation.email })),
  );
  const failed = resend.error ?? revoke.error;
  return (
    <li>
      <span className={styles.main}>
        <b>{invitation.email}</b>
        <span className="muted small">{text("members.until", { at: instant(invitation.expires_at) })}</span>
        {failed !== null && <Notice kind="bad" title={reasonOf(failed, speech)} />}
      </span>
      <span>{text(`role.${invitation.role as MemberRole}`)}</span>
      <span className={styles.acts}>
        <Button busy={resend.isPending} onClick={() => resend.mutate(invitation.expires_at)}>
          {text("members.resend")}
        </Button>
        <Button busy={revoke.isPending} onClick={() => revoke.mutate(null)}>
          {text("members.revoke")}
        </Button>
      </span>
    </li>
  );
}

function InviteDialog({ onClose }: { onClose: () => void }) {
  const speech = useWords();
  const { text } = speech;
  const { tenant } = useDesk();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<WantedRole>({ role: "agent", resource_ids: [] });
  const invite = useWrite(
    (body: WantedRole & { email: string }, key) => () =>
      api.POST("/v1/tenants/{tenant}/invitations", { params: { path: { tenant }, header: { "Idempotency-Key": key } }, body }),
    () => {
      toasts.say(text("members.invited", { email }));
      onClose();
    },
  );
  const messages = messagesByField(invite.error?.problem ?? null, ["email"]);
  const whole = messages.get("") ?? (invite.error !== null && messages.size === 0 ? [reasonOf(invite.error, speech)] : []);
  return (
    <Dialog
      title={text("members.invite")}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{text("shell.cancel")}</Button>
          <Button kind="primary" type="submit" form="invite" busy={invite.isPending}>
            {text("members.invite.send")}
          </Button>
        </>
      }
    >
      <form
        id="invite"
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (!invite.isPending) invite.mutate({ email, ...role });
        }}
      >
        {whole.map((message) => (
          <Notice key={message} kind="bad" title={message} />
        ))}
        <Field
          label={text("guest.email")}
          hint={text("members.invite.hint")}
          type="email"
          required
          maxLength={254}
          autoFocus
          value={email}
          errors={messages.get("email") ?? []}
          onChange={({ target }) => setEmail(target.value)}
        />
        <RoleFields value={role} onChange={setRole} />
      </form>
    </Dialog>
  );
}
