import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { MemberRole } from "@/admin/access";
import { Avatar } from "@/admin/Avatar";
import { Card } from "@/admin/Card";
import { api, ifMatch } from "@/admin/client";
import { reasonOf } from "@/admin/Failed";
import { Loaded } from "@/admin/Loaded";
import { type Member, membersQuery } from "@/admin/members/queries";
import { RoleFields, type WantedRole } from "@/admin/members/RoleFields";
import styles from "@/admin/Page.module.css";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { useWrite } from "@/admin/useWrite";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";

/** Who works for the business, and as what. */
export function People({ isOwner }: { isOwner: boolean }) {
  const { text, instant } = useWords();
  const { tenant, me } = useDesk();
  const found = useQuery(membersQuery(tenant));
  const [asked, setAsked] = useState<{ member: Member; what: "role" | "remove" } | null>(null);
  const close = () => setAsked(null);
  return (
    <Card title={text("members.people")}>
      <Loaded found={found} nothing={text("members.none")}>
        {(member) => (
          <li key={member.id}>
            <Avatar name={member.name} />
            <span className={styles.main}>
              <b dir="auto">
                {member.name} {member.id === me.user.id && <span className="muted">({text("members.you")})</span>}
              </b>
              <span className="muted small">
                {member.email} · {text("members.since", { at: instant(member.created_at, { dateStyle: "medium" }) })}
              </span>
            </span>
            <span>{text(`role.${member.role as MemberRole}`)}</span>
            {isOwner && (
              <span className={styles.acts}>
                <Button aria-label={text("members.role.of", { name: member.name })} onClick={() => setAsked({ member, what: "role" })}>
                  {text("members.role.change")}
                </Button>
                <Button aria-label={text("members.remove.of", { name: member.name })} onClick={() => setAsked({ member, what: "remove" })}>
                  {text("members.remove")}
                </Button>
              </span>
            )}
          </li>
        )}
      </Loaded>
      {asked?.what === "role" && <RoleDialog member={asked.member} onClose={close} />}
      {asked?.what === "remove" && <RemoveDialog member={asked.member} onClose={close} />}
    </Card>
  );
}

interface DialogProps {
  member: Member;
  onClose: () => void;
}

function RoleDialog({ member, onClose }: DialogProps) {
  const speech = useWords();
  const { text } = speech;
  const { tenant } = useDesk();
  const [wanted, setWanted] = useState<WantedRole>({ role: member.role as MemberRole, resource_ids: member.resource_ids });
  const save = useWrite(
    (body: WantedRole) => () =>
      api.PATCH("/v1/tenants/{tenant}/members/{member}", {
        params: { path: { tenant, member: member.id }, header: { "If-Match": ifMatch(member.version) } },
        body,
      }),
    ({ revoked }) => {
      const ended = revoked.api_keys.length + revoked.invitations.length;
      toasts.say(ended === 0 ? text("members.role.saved", { name: member.name }) : text("members.role.ended", { name: member.name, count: ended }));
      onClose();
    },
  );
  return (
    <Dialog
      title={text("members.role.of", { name: member.name })}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{text("shell.cancel")}</Button>
          <Button kind="primary" busy={save.isPending} onClick={() => save.mutate(wanted)}>
            {text("guest.save")}
          </Button>
        </>
      }
    >
      {save.isError && <Notice kind="bad" title={reasonOf(save.error, speech)} />}
      {member.role === "owner" && wanted.role !== "owner" && <p>{text("members.role.ends")}</p>}
      <div className={styles.form}>
        <RoleFields value={wanted} onChange={setWanted} />
      </div>
    </Dialog>
  );
}

function RemoveDialog({ member, onClose }: DialogProps) {
  const speech = useWords();
  const { text } = speech;
  const { tenant } = useDesk();
  const remove = useWrite<null, unknown>(
    () => () =>
      api.DELETE("/v1/tenants/{tenant}/members/{member}", { params: { path: { tenant, member: member.id }, header: { "If-Match": ifMatch(member.version) } } }),
    () => {
      toasts.say(text("members.removed", { name: member.name }));
      onClose();
    },
  );
  return (
    <Dialog
      title={text("members.remove.of", { name: member.name })}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{text("shell.cancel")}</Button>
          <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate(null)}>
            {text("members.remove")}
          </Button>
        </>
      }
    >
      {remove.isError && <Notice kind="bad" title={reasonOf(remove.error, speech)} />}
      <p>{text("members.remove.hint")}</p>
    </Dialog>
  );
}
