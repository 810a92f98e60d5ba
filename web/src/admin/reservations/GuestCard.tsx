import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { OFFICE } from "@/admin/access";
import { Card } from "@/admin/Card";
import { isForgotten } from "@/admin/forgotten";
import { GuestForm } from "@/admin/reservations/GuestForm";
import { type Reservation, reservationQuery } from "@/admin/reservations/queries";
import styles from "@/admin/reservations/Reservation.module.css";
import { useDesk } from "@/admin/tenant";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";

interface Props {
  reservation: Reservation;
  isEditing: boolean;
  onEditing: (isEditing: boolean) => void;
  mayEdit: boolean;
}

/** How to reach the guest, and what they wish; both can be corrected in place. */
export function GuestCard({ reservation, isEditing, onEditing, mayEdit }: Props) {
  const { text } = useWords();
  const { tenant, membership } = useDesk();
  const client = useQueryClient();
  const { guest, notes } = reservation;
  const none = <span className="muted">{text("guest.none")}</span>;
  return (
    <Card
      title={text("guest.title")}
      aside={
        !isEditing &&
        mayEdit && (
          <Button kind="text" onClick={() => onEditing(true)}>
            {text("guest.edit")}
          </Button>
        )
      }
    >
      {isEditing ? (
        <GuestForm
          reservation={reservation}
          onDone={(saved) => {
            if (saved !== null) client.setQueryData(reservationQuery(tenant, reservation.id).queryKey, saved);
            onEditing(false);
          }}
        />
      ) : (
        <dl className={styles.details}>
          {isForgotten(guest) && (
            <div>
              <dt>{text("guest.name")}</dt>
              <dd>{text("guest.forgotten")}</dd>
            </div>
          )}
          <div>
            <dt>{text("guest.email")}</dt>
            <dd>{guest.email === "" || isForgotten(guest) ? none : <a href={`mailto:${encodeURI(guest.email)}`}>{guest.email}</a>}</dd>
            {guest.email !== "" && !isForgotten(guest) && OFFICE.includes(membership.role) && (
              <dd>
                <Link to="/$tenant/guests" params={{ tenant }} search={{ text: guest.email }}>
                  {text("guest.page")}
                </Link>
              </dd>
            )}
          </div>
          <div>
            <dt>{text("guest.phone")}</dt>
            <dd>{guest.phone == null ? none : <a href={`tel:${encodeURI(guest.phone)}`}>{guest.phone}</a>}</dd>
          </div>
          <div>
            <dt>{text("guest.notes")}</dt>
            <dd className={styles.lines} dir="auto">
              {notes === "" ? none : notes}
            </dd>
          </div>
        </dl>
      )}
    </Card>
  );
}
