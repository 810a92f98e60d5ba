import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";

import { DESK } from "@/admin/access";
import { Failed, Stale } from "@/admin/Failed";
import { isForgotten } from "@/admin/forgotten";
import { ActionBar } from "@/admin/reservations/ActionBar";
import { GuestCard } from "@/admin/reservations/GuestCard";
import { History } from "@/admin/reservations/History";
import { LockBanner } from "@/admin/reservations/LockBanner";
import { Notes } from "@/admin/reservations/Notes";
import { Here } from "@/admin/reservations/Here";
import { PriceCard } from "@/admin/reservations/PriceCard";
import { cancellationQuery, reservationQuery, resourceQuery } from "@/admin/reservations/queries";
import { RefundCard } from "@/admin/reservations/RefundCard";
import styles from "@/admin/reservations/Reservation.module.css";
import { StayCard } from "@/admin/reservations/StayCard";
import { useOthersLock } from "@/admin/reservations/useOthersLock";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { failureOf } from "@/api/problems";
import { useWords } from "@/texts/admin";
import { Button, buttonClass } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Bone, Skeleton } from "@/ui/Skeleton";
import { StateBadge } from "@/ui/StateBadge";

/** One reservation: what can be done now, what it costs and would give back, who did what. */
export function ReservationPage() {
  const { text, list } = useWords();
  const { tenant, membership } = useDesk();
  const { reservation: id } = useParams({ from: "/$tenant/reservations/$reservation" });
  const found = useQuery({ ...reservationQuery(tenant, id), refetchInterval: 60_000 });
  const one = found.data;
  const resource = useQuery({ ...resourceQuery(tenant, one?.resource_id ?? ""), enabled: one !== undefined });
  const cancellation = useQuery({ ...cancellationQuery(tenant, id), enabled: one !== undefined });
  const lock = useOthersLock(one);
  const [isEditing, setEditing] = useState(false);
  if (one === undefined) {
    const isGone = found.isError && failureOf(found.error)?.kind === "missing";
    return (
      <div className={styles.alone}>
        {isGone ? (
          <Empty title={text("reservation.gone")} hint={text("reservation.gone.hint")} page>
            <Link to="/$tenant/reservations" params={{ tenant }} className={buttonClass("line")}>
              {text("area.reservations")}
            </Link>
          </Empty>
        ) : found.isError ? (
          <Failed error={found.error} retry={() => void found.refetch()} />
        ) : (
          <Skeleton label={text("load.waiting")}>
            <Bone height="120px" />
            <div className={styles.grid}>
              <Bone height="200px" />
              <Bone height="200px" />
            </div>
          </Skeleton>
        )}
      </div>
    );
  }
  const units = one.units.map((number) => resource.data?.units.find((unit) => unit.number === number)?.label ?? String(number));
  const copy = () => {
    void navigator.clipboard.writeText(window.location.href).then(() => toasts.say(text("reservation.copied")));
  };
  const mayWrite = DESK.includes(membership.role);
  return (
    <>
      {lock !== null && <LockBanner lock={lock} />}
      <div className={styles.head}>
        <nav className="small" aria-label={text("reservation.back")}>
          <Link to="/$tenant/reservations" params={{ tenant }}>
            {text("area.reservations")}
          </Link>{" "}
          <span className="muted">/ {[resource.data?.name, list(units)].filter(Boolean).join(", ")}</span>
        </nav>
        <div className={styles.title}>
          <h1 dir="auto">{isForgotten(one.guest) ? text("guests.forgotten") : one.guest.name}</h1>
          <StateBadge state={one.state} label={text(`state.${one.state}`)} />
          <span className={styles.code}>{one.code}</span>
          <Button kind="text" onClick={copy}>
            {text("reservation.copy")}
          </Button>
          <span className="push" />
          <Here topic={`reservation:${one.id}`} />
        </div>
        {mayWrite && <ActionBar reservation={one} resource={resource.data} cancellation={cancellation.data} lock={lock} onEdit={() => setEditing(true)} />}
      </div>
      {found.isError && (
        <div className={styles.alone}>
          <Stale error={found.error} at={found.dataUpdatedAt} retry={() => void found.refetch()} />
        </div>
      )}
      <Notes reservation={one} />
      <div className={styles.grid}>
        <div className={styles.column}>
          <StayCard reservation={one} resource={resource.data} units={units} />
          <PriceCard reservation={one} />
          <GuestCard key={one.id} reservation={one} isEditing={isEditing} onEditing={setEditing} mayEdit={mayWrite && lock === null} />
        </div>
        <div className={styles.column}>
          {cancellation.data?.possible === true && <RefundCard cancellation={cancellation.data} />}
          <History reservation={one} resource={resource.data} />
        </div>
      </div>
    </>
  );
}
