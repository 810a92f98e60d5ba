import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { type Details, detailsOf, differencesOf, type NotesChoice, redo } from "@/admin/reservations/details";
import { historyQuery, type Reservation } from "@/admin/reservations/queries";
import styles from "@/admin/reservations/Reservation.module.css";
import { useDesk } from "@/admin/tenant";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

interface Props {
  base: Reservation;
  theirs: Reservation;
  mine: Details;
  onDiscard: () => void;
  onEdit: () => void;
  onRedo: (merged: Details) => void;
}

const CHOICES: readonly NotesChoice[] = ["both", "mine", "theirs"];

/** Somebody saved before: what was read, what they made of it, what I have typed. Nothing of mine is lost. */
export function ConflictDialog({ base, theirs, mine, onDiscard, onEdit, onRedo }: Props) {
  const { text, instant } = useWords();
  const { tenant } = useDesk();
  const history = useQuery({ ...historyQuery(tenant, theirs.id), staleTime: 0 });
  const [choice, setChoice] = useState<NotesChoice>("both");
  const read = detailsOf(base);
  const found = detailsOf(theirs);
  const differences = differencesOf(read, found, mine);
  const contested = differences.some(({ field, isContested }) => field === "notes" && isContested);
  const last = history.data?.items.at(0);
  const name = last?.actor_name ?? text("history.somebody");
  const show = (value: string) => (value === "" ? <span className="muted">{text("guest.none")}</span> : value);
  return (
    <Dialog
      title={text("conflict.title", { name })}
      isOpen
      isWide
      onClose={onEdit}
      actions={
        <>
          <Button kind="text" onClick={onDiscard}>
            {text("conflict.discard")}
          </Button>
          <Button onClick={onEdit}>{text("conflict.edit")}</Button>
          <Button kind="primary" autoFocus onClick={() => onRedo(redo(read, found, mine, choice))}>
            {text("conflict.redo")}
          </Button>
        </>
      }
    >
      <p className="muted">{text("conflict.hint", { read: base.version, now: theirs.version })}</p>
      <div className={styles.compare} tabIndex={0} role="group" aria-label={text("conflict.field")}>
        <table>
          <thead>
            <tr>
              <th scope="col">{text("conflict.field")}</th>
              <th scope="col">{text("conflict.read")}</th>
              <th scope="col">
                {name}, {instant(theirs.updated_at, { timeStyle: "short" })}
              </th>
              <th scope="col">{text("conflict.mine")}</th>
            </tr>
          </thead>
          <tbody>
            {differences.map(({ field, isContested }) => (
              <tr key={field} className={isContested ? styles.contested : undefined}>
                <th scope="row">
                  {text(`guest.${field}`)} {isContested && <span className={styles.tag}>{text("conflict.both")}</span>}
                </th>
                <td>{show(read[field])}</td>
                <td>{found[field] === read[field] ? <span className="muted">{text("conflict.same")}</span> : show(found[field])}</td>
                <td>{mine[field] === read[field] ? <span className="muted">{text("conflict.same")}</span> : show(mine[field])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {contested && (
        <fieldset className={styles.choice}>
          <legend>{text("guest.notes")}</legend>
          {CHOICES.map((one) => (
            <label key={one}>
              <input type="radio" name="notes" checked={choice === one} onChange={() => setChoice(one)} />
              {text(`conflict.notes.${one}`, { name })}
            </label>
          ))}
        </fieldset>
      )}
    </Dialog>
  );
}
