import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, ifMatch } from "@/admin/client";
import { Failed, reasonOf } from "@/admin/Failed";
import styles from "@/admin/guests/Guests.module.css";
import { type Guest, guestQuery, guestsQuery } from "@/admin/guests/queries";
import { SearchField } from "@/admin/guests/SearchField";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { useWrite } from "@/admin/useWrite";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";

/** Both are the same person: shows them beside each other, and what stays of each. */
export function MergeDialog({ guest, onClose }: { guest: Guest; onClose: () => void }) {
  const speech = useWords();
  const { text } = speech;
  const { tenant } = useDesk();
  const [wanted, setWanted] = useState(guest.name);
  const [other, setOther] = useState<Guest | null>(null);
  const found = useInfiniteQuery(guestsQuery(tenant, wanted === "" ? undefined : wanted));
  // Somebody may have changed this guest since the page was opened: what is merged is what is shown now.
  const { data: now = guest } = useQuery(guestQuery(tenant, guest.id));
  const merge = useWrite(
    (other_id: string) => () =>
      api.POST("/v1/tenants/{tenant}/guests/{guest}/merge", {
        params: { path: { tenant, guest: guest.id }, header: { "If-Match": ifMatch(now.version) } },
        body: { other_id },
      }),
    () => {
      toasts.say(text("guests.merged", { name: guest.name }));
      onClose();
    },
  );
  const others = found.data?.pages.flatMap(({ items }) => items).filter((one) => one.id !== guest.id && one.anonymized_at === null);
  return (
    <Dialog
      title={text("guests.merge.title", { name: guest.name })}
      isOpen
      isWide
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{text("shell.cancel")}</Button>
          <Button kind="primary" disabled={other === null} busy={merge.isPending} onClick={() => other !== null && merge.mutate(other.id)}>
            {text("guests.merge.do")}
          </Button>
        </>
      }
    >
      {merge.isError && <Notice kind="bad" title={reasonOf(merge.error, speech)} />}
      <SearchField value={wanted} autoFocus onSearch={setWanted} />
      {others === undefined ? (
        found.isError && <Failed error={found.error} retry={() => void found.refetch()} />
      ) : others.length === 0 ? (
        <p className="muted">{text("guests.merge.none")}</p>
      ) : (
        <fieldset className={styles.choice}>
          <legend className="hidden-visually">{text("guests.merge.other")}</legend>
          {others.map((one) => (
            <label key={one.id}>
              <input type="radio" name="other" checked={other?.id === one.id} onChange={() => setOther(one)} />
              <span>
                <b dir="auto">{one.name}</b>
                <span className="muted small">
                  {one.email} · {text("guests.merge.count", { count: one.reservations })}
                </span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
      {other !== null && (
        <>
          <SideBySide kept={now} other={other} />
          <Notice title={text("guests.merge.goes", { name: other.name, email: other.email, count: other.reservations })} />
        </>
      )}
    </Dialog>
  );
}

/** Whose contact stays, and what goes with the other one. */
function SideBySide({ kept, other }: { kept: Guest; other: Guest }) {
  const { text, instant } = useWords();
  const rows = [kept, other].map((one) => [one.name, one.email, one.phone ?? text("guest.none"), one.reservations, instant(one.created_at, { dateStyle: "medium" })]);
  const names = [text("guest.name"), text("guest.email"), text("guest.phone"), text("area.reservations"), text("guests.since")];
  return (
    <table className={styles.compare}>
      <thead>
        <tr>
          <td />
          <th scope="col">{text("guests.merge.kept")}</th>
          <th scope="col">{text("guests.merge.deleted")}</th>
        </tr>
      </thead>
      <tbody>
        {names.map((name, index) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td dir="auto">{rows[0]?.[index]}</td>
            <td dir="auto">{rows[1]?.[index]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
