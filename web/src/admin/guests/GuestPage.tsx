import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";

import { AGENTS, MANAGERS } from "@/admin/access";
import { Card } from "@/admin/Card";
import { api, ask } from "@/admin/client";
import { Failed, reasonOf, Stale } from "@/admin/Failed";
import { ContactForm } from "@/admin/guests/ContactForm";
import { ForgetDialog } from "@/admin/guests/ForgetDialog";
import styles from "@/admin/guests/Guests.module.css";
import listing from "@/admin/Listing.module.css";
import { MergeDialog } from "@/admin/guests/MergeDialog";
import { type Guest, guestQuery } from "@/admin/guests/queries";
import { Stays } from "@/admin/guests/Stays";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { Toolbar } from "@/admin/Toolbar";
import { Refused } from "@/api/problems";
import { useWords } from "@/texts/admin";
import { Button, buttonClass } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Notice } from "@/ui/Notice";
import { Bone, Skeleton } from "@/ui/Skeleton";

const AGAIN_MS = 60_000;

/** A guest: how to reach them, what they have reserved, and what can be done with what is stored about them. */
export function GuestPage() {
  const { text } = useWords();
  const { tenant } = useDesk();
  const { guest: id } = useParams({ from: "/$tenant/guests/$guest" });
  const found = useQuery({ ...guestQuery(tenant, id), refetchInterval: AGAIN_MS });
  // Forgotten, or merged with another one.
  const isGone = found.error instanceof Refused && found.error.kind === "missing";
  const title = found.data === undefined || isGone ? text("list.guest") : found.data.anonymized_at === null ? found.data.name : text("guests.forgotten");
  return (
    <>
      <Toolbar title={title}>
        <Link to="/$tenant/guests" params={{ tenant }}>
          {text("guests.all")}
        </Link>
      </Toolbar>
      <div className={listing.page}>
        {found.isError && found.data !== undefined && !isGone && <Stale error={found.error} at={found.dataUpdatedAt} retry={() => void found.refetch()} />}
        {isGone && (
          <Empty title={text("guests.gone")} hint={text("guests.gone.hint")} alert>
            <Link to="/$tenant/guests" params={{ tenant }} className={buttonClass("line")}>
              {text("guests.all")}
            </Link>
          </Empty>
        )}
        {found.data !== undefined ? (
          <Guest key={id} guest={found.data} isGone={isGone} />
        ) : isGone ? null : found.isError ? (
          <Failed error={found.error} retry={() => void found.refetch()} />
        ) : (
          <Skeleton label={text("load.waiting")}>
            <Bone height="180px" />
          </Skeleton>
        )}
      </div>
    </>
  );
}

/** Of one who is gone nothing is shown any more but what somebody is typing. */
function Guest({ guest, isGone }: { guest: Guest; isGone: boolean }) {
  const speech = useWords();
  const { text } = speech;
  const { tenant, membership } = useDesk();
  const [asked, setAsked] = useState<"edit" | "merge" | "forget" | null>(null);
  const close = () => setAsked(null);
  const download = useMutation<unknown, Refused>({
    mutationFn: () => ask(() => api.POST("/v1/tenants/{tenant}/guests/{guest}/export", { params: { path: { tenant, guest: guest.id } } })),
    onSuccess: (dossier) => {
      const address = URL.createObjectURL(new Blob([JSON.stringify(dossier, null, 2)], { type: "application/json" }));
      Object.assign(document.createElement("a"), { href: address, download: `guest-${guest.id}.json` }).click();
      URL.revokeObjectURL(address);
      toasts.say(text("guests.exported"));
    },
  });
  const isForgotten = guest.anonymized_at !== null;
  const mayEdit = AGENTS.includes(membership.role) && !isForgotten && !isGone;
  const mayForget = MANAGERS.includes(membership.role) && !isForgotten && !isGone;
  if (isGone && asked !== "edit") return null;
  return (
    <div className={styles.columns}>
      <div className={styles.side}>
        <Card
          title={text("guests.contact")}
          aside={
            mayEdit &&
            asked !== "edit" && (
              <Button kind="text" onClick={() => setAsked("edit")}>
                {text("guest.edit")}
              </Button>
            )
          }
        >
          {isForgotten ? (
            <p className={styles.inside}>{text("guests.forgotten.hint", { at: speech.instant(guest.anonymized_at ?? "", { dateStyle: "medium" }) })}</p>
          ) : asked === "edit" ? (
            <ContactForm guest={guest} onDone={close} />
          ) : (
            <Contact guest={guest} />
          )}
        </Card>
        {(mayEdit || mayForget) && (
          <Card title={text("guests.data")}>
            <div className={styles.actions}>
              {download.isError && <Notice kind="bad" title={reasonOf(download.error, speech)} />}
              {mayEdit && <Button onClick={() => setAsked("merge")}>{text("guests.merge")}</Button>}
              {mayForget && (
                <>
                  <Button busy={download.isPending} onClick={() => download.mutate()}>
                    {text("guests.export")}
                  </Button>
                  <Button kind="danger" onClick={() => setAsked("forget")}>
                    {text("guests.forget")}
                  </Button>
                </>
              )}
            </div>
          </Card>
        )}
      </div>
      {!isGone && <Stays guest={guest} />}
      {asked === "merge" && <MergeDialog guest={guest} onClose={close} />}
      {asked === "forget" && <ForgetDialog guest={guest} onClose={close} />}
    </div>
  );
}

function Contact({ guest }: { guest: Guest }) {
  const { text, instant } = useWords();
  const facts = [
    [text("guest.email"), <a href={`mailto:${encodeURI(guest.email)}`}>{guest.email}</a>],
    [text("guest.phone"), guest.phone === null ? <span className="muted">{text("guest.none")}</span> : <a href={`tel:${encodeURI(guest.phone)}`}>{guest.phone}</a>],
    [text("area.reservations"), guest.reservations],
    [text("state.no_show"), guest.no_shows],
    [text("guests.since"), instant(guest.created_at, { dateStyle: "medium" })],
  ] as const;
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
