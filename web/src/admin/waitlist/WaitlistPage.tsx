import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";

import { DESK } from "@/admin/access";
import { DayFilter, ResourceFilter } from "@/admin/Filter";
import { useNewReservation } from "@/admin/newReservation";
import { without } from "@/admin/search";
import { Listing } from "@/admin/Listing";
import { resourcesQuery, useDesk } from "@/admin/tenant";
import { Segmented, Toolbar } from "@/admin/Toolbar";
import { Line } from "@/admin/waitlist/Line";
import { waitlistQuery } from "@/admin/waitlist/queries";
import type { WaitlistSearch } from "@/admin/waitlist/search";
import styles from "@/admin/waitlist/Waitlist.module.css";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";

const AGAIN_MS = 60_000;

/** Who waits for what is taken, in the order in which they are offered what comes free. */
export function WaitlistPage() {
  const { text } = useWords();
  const { tenant, site, membership } = useDesk();
  const search = useSearch({ from: "/$tenant/waitlist" });
  const navigate = useNavigate({ from: "/$tenant/waitlist" });
  const open = useNewReservation();
  const found = useInfiniteQuery({ ...waitlistQuery(tenant, site.timezone, search), refetchInterval: AGAIN_MS });
  const resources = useQuery(resourcesQuery(tenant));
  const names = new Map((resources.data ?? []).map(({ id, name }) => [id, name]));
  const isFiltered = Object.keys(search).some((name) => name !== "ended");
  const mayWrite = DESK.includes(membership.role);
  const change = (changes: WaitlistSearch, name: keyof WaitlistSearch) => void navigate({ search: (old) => ({ ...without(old, name), ...changes }), replace: true });
  return (
    <>
      <Toolbar title={text("area.waitlist")}>
        <Segmented
          label={text("list.state")}
          segments={[
            { key: "open", label: text("waitlist.open") },
            { key: "all", label: text("waitlist.all") },
          ]}
          value={search.ended === true ? "all" : "open"}
          onChange={(key) => change(key === "all" ? { ended: true } : {}, "ended")}
        />
        <span className="push" />
        <ResourceFilter value={search.resource} onChange={(id) => change(id === "" ? {} : { resource: id }, "resource")} />
        <DayFilter label={text("list.from")} value={search.from ?? ""} onChange={(on) => change(on === "" ? {} : { from: on }, "from")} />
        <DayFilter label={text("list.until")} value={search.until ?? ""} onChange={(on) => change(on === "" ? {} : { until: on }, "until")} />
        {mayWrite && (
          <Button kind="primary" onClick={open}>
            {text("waitlist.add")}
          </Button>
        )}
      </Toolbar>
      <Listing
        found={found}
        bone="44px"
        nothing={
          <Empty title={text(isFiltered ? "waitlist.none" : "waitlist.empty")} hint={text(isFiltered ? "waitlist.none.hint" : "waitlist.empty.hint")}>
            {isFiltered ? (
              <Button onClick={() => void navigate({ search: {} })}>{text("list.clear")}</Button>
            ) : (
              mayWrite && <Button onClick={open}>{text("waitlist.add")}</Button>
            )}
          </Empty>
        }
      >
        {(rows) => (
          <ul className={styles.list} aria-label={text("area.waitlist")}>
            {rows.map((one) => (
              <Line key={one.id} entry={one} resource={names.get(one.resource_id) ?? ""} mayWrite={mayWrite} />
            ))}
          </ul>
        )}
      </Listing>
    </>
  );
}
