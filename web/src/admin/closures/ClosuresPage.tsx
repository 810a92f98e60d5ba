import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { MANAGERS, type Role } from "@/admin/access";
import { Card } from "@/admin/Card";
import { ClosureDialog } from "@/admin/closures/ClosureDialog";
import { EndDialog } from "@/admin/closures/EndDialog";
import { type Closure, closuresQuery } from "@/admin/closures/queries";
import type { ClosuresSearch } from "@/admin/closures/search";
import { endOf } from "@/admin/closures/wish";
import { DayFilter, ResourceFilter } from "@/admin/Filter";
import { Loaded } from "@/admin/Loaded";
import styles from "@/admin/Page.module.css";
import { without } from "@/admin/search";
import { resourcesQuery, useDesk } from "@/admin/tenant";
import { Toolbar } from "@/admin/Toolbar";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";

const WRITERS: readonly Role[] = [...MANAGERS, "host"];

/** When what cannot be reserved, and why; made, changed and ended. */
export function ClosuresPage() {
  const { text, list, instant } = useWords();
  const { tenant, site, membership } = useDesk();
  const search = useSearch({ from: "/$tenant/closures" });
  const navigate = useNavigate({ from: "/$tenant/closures" });
  const found = useQuery(closuresQuery(tenant, site.timezone, search));
  const resources = useQuery(resourcesQuery(tenant));
  const names = new Map((resources.data ?? []).map(({ id, name }) => [id, name]));
  const [asked, setAsked] = useState<{ closure: Closure | null; what: "write" | "end" } | null>(null);
  const close = () => setAsked(null);
  const mayWrite = WRITERS.includes(membership.role);
  const change = (name: keyof ClosuresSearch, value: string) =>
    void navigate({ search: (old) => ({ ...without(old, name), ...(value === "" ? {} : { [name]: value }) }), replace: true });
  const at = (when: string) => instant(when, { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "numeric", minute: "2-digit" });
  const isFiltered = Object.keys(search).length > 0;
  return (
    <>
      <Toolbar title={text("area.closures")}>
        <span className="push" />
        <ResourceFilter value={search.resource} onChange={(id) => change("resource", id)} />
        <DayFilter label={text("list.from")} value={search.from ?? ""} onChange={(on) => change("from", on)} />
        <DayFilter label={text("list.until")} value={search.until ?? ""} onChange={(on) => change("until", on)} />
        {mayWrite && (
          <Button kind="primary" onClick={() => setAsked({ closure: null, what: "write" })}>
            {text("closures.new")}
          </Button>
        )}
      </Toolbar>
      <div className={styles.page}>
        <Card
          title={text(search.from === undefined ? "closures.now" : "closures.period")}
          aside={
            isFiltered && (
              <Button kind="text" onClick={() => void navigate({ search: {} })}>
                {text("list.clear")}
              </Button>
            )
          }
        >
          <Loaded found={found} nothing={text(isFiltered ? "closures.none" : "closures.empty")}>
            {(closure) => {
              const end = endOf(closure);
              return (
                <li key={closure.id}>
                  <span className={styles.main}>
                    <b dir="auto">{names.get(closure.resource_id) ?? text("closures.archived")}</b>
                    <span>
                      {closure.units === null ? text("closures.whole") : text("closures.units", { units: list(closure.units.map(String)) })} · {closure.reason}
                    </span>
                    <span className="muted small">
                      {end === null ? text("closures.open", { from: at(closure.starts_at) }) : text("closures.span", { from: at(closure.starts_at), until: at(end) })}
                    </span>
                  </span>
                  {mayWrite && (
                    <span className={styles.acts}>
                      <Button aria-label={text("closures.change.of", { reason: closure.reason })} onClick={() => setAsked({ closure, what: "write" })}>
                        {text("closures.change")}
                      </Button>
                      <Button aria-label={text("closures.end.of", { reason: closure.reason })} onClick={() => setAsked({ closure, what: "end" })}>
                        {text("closures.end")}
                      </Button>
                    </span>
                  )}
                </li>
              );
            }}
          </Loaded>
        </Card>
      </div>
      {asked?.what === "write" && <ClosureDialog closure={asked.closure} resource={search.resource ?? ""} onClose={close} />}
      {asked?.what === "end" && asked.closure !== null && <EndDialog closure={asked.closure} onClose={close} />}
    </>
  );
}
