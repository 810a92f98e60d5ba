import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useRouterState } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react";

import { DESK } from "@/admin/access";
import { AdminIcon } from "@/admin/AdminIcon";
import { AppNotes } from "@/admin/AppNotes";
import { areasOf } from "@/admin/areas";
import styles from "@/admin/Frame.module.css";
import { initialsOf } from "@/admin/initials";
import { KeyboardHelp } from "@/admin/KeyboardHelp";
import { MoreDialog } from "@/admin/MoreDialog";
import { NewReservationContext } from "@/admin/newReservation";
import { EMPTY } from "@/admin/reserve/wish";
import { SearchBox } from "@/admin/SearchBox";
import { keeper } from "@/admin/offline";
import { listenToKeys, useShortcut } from "@/admin/shortcuts";
import { useDesk } from "@/admin/tenant";
import { TenantSwitch } from "@/admin/TenantSwitch";
import { toasts } from "@/admin/toasts";
import { useFreshness } from "@/admin/useFreshness";
import { UserMenu } from "@/admin/UserMenu";
import { leavePage } from "@/admin/worker";
import { useWords } from "@/texts/admin";
import { Notice } from "@/ui/Notice";
import { ToastRegion } from "@/ui/Toast";

const ReserveDialog = lazy(async () => ({ default: (await import("@/admin/reserve/ReserveDialog")).ReserveDialog }));

/** What stands around every page: the areas, whose desk it is, and who one is. On a phone the areas lie below. */
export function Frame({ children }: { children: ReactNode }) {
  const { text } = useWords();
  const { membership, site, tenant } = useDesk();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [isMoreOpen, setMoreOpen] = useState(false);
  const [isReserving, setReserving] = useState(false);
  const [draft, setDraft] = useState(EMPTY);
  const main = useRef<HTMLElement>(null);
  const here = useRouterState({ select: ({ location }) => location.pathname.split("/")[2] ?? "" });
  useEffect(listenToKeys, []);
  useFreshness(tenant);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  useEffect(leavePage, [path]);
  const client = useQueryClient();
  useEffect(() => client.getQueryCache().subscribe(keeper(tenant, site)), [client, tenant, site]);
  useShortcut("?", text("keys.help"), () => setHelpOpen(true));
  const areas = areasOf(membership.role);
  useEffect(() => {
    document.title = `${here === "" ? "" : `${text(`area.${here}` as "area.calendar")} · `}${site.name}`;
  }, [here, site.name, text]);
  return (
    <div className={styles.app}>
      <a className={styles.skip} href="#main" onClick={() => main.current?.focus()}>
        {text("shell.skip")}
      </a>
      <nav className={styles.rail} aria-label={text("shell.areas")}>
        <span className={styles.mark} style={{ background: site.theme["primary"] }} aria-hidden="true">
          {initialsOf(site.name)}
        </span>
        {areas.map(({ key, icon, shortcut, onPhone }) => (
          <Link
            key={key}
            to={`/$tenant/${key}` as "/$tenant/calendar"}
            params={{ tenant }}
            className={onPhone === true ? undefined : styles.wide}
            aria-current={here === key ? "page" : undefined}
            title={`${text(`area.${key}` as "area.calendar")}, g ${shortcut}`}
          >
            <AdminIcon name={icon} />
            <span>{text(`area.${key}` as "area.calendar")}</span>
            <GoTo area={key} keys={`g ${shortcut}`} />
          </Link>
        ))}
        <button type="button" className={styles.more} onClick={() => setMoreOpen(true)}>
          <AdminIcon name="more" />
          <span>{text("shell.more")}</span>
        </button>
      </nav>
      <header className={styles.top}>
        <TenantSwitch />
        <SearchBox />
        <span className="push" />
        <UserMenu onKeys={() => setHelpOpen(true)} />
      </header>
      <main id="main" className={styles.main} ref={main} tabIndex={-1}>
        {membership.suspended_reason != null && (
          <div className={styles.notice}>
            <Notice kind="bad" title={text("shell.suspended")}>
              <p>{membership.suspended_reason}</p>
            </Notice>
          </div>
        )}
        <AppNotes />
        <NewReservationContext value={() => setReserving(true)}>{children}</NewReservationContext>
      </main>
      {DESK.includes(membership.role) && <NewKey onPress={() => setReserving(true)} />}
      {isReserving && (
        <Suspense>
          <ReserveDialog draft={draft} onDraft={setDraft} onClose={() => setReserving(false)} />
        </Suspense>
      )}
      <ToastRegion toasts={toasts} closeLabel={text("shell.close")} />
      <KeyboardHelp isOpen={isHelpOpen} onClose={() => setHelpOpen(false)} />
      <MoreDialog isOpen={isMoreOpen} onClose={() => setMoreOpen(false)} />
    </div>
  );
}

function NewKey({ onPress }: { onPress: () => void }) {
  const { text } = useWords();
  useShortcut("n", text("timeline.new"), onPress);
  return null;
}

function GoTo({ area, keys }: { area: string; keys: string }) {
  const { text } = useWords();
  const { tenant } = useDesk();
  const navigate = useNavigate();
  const label = text(`area.${area}` as "area.calendar");
  useShortcut(keys, text("keys.go", { area: label }), () => void navigate({ to: `/$tenant/${area}` as "/$tenant/calendar", params: { tenant } }));
  return null;
}
