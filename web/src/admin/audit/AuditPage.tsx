import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";

import styles from "@/admin/audit/Audit.module.css";
import { Entry } from "@/admin/audit/Entry";
import { auditQuery, auditTable, newEventsQuery } from "@/admin/audit/queries";
import { ACTORS, type AuditSearch, KINDS } from "@/admin/audit/search";
import { reasonOf } from "@/admin/Failed";
import { DayFilter, Filter } from "@/admin/Filter";
import { without } from "@/admin/search";
import { Listing } from "@/admin/Listing";
import { useDesk } from "@/admin/tenant";
import { Toolbar } from "@/admin/Toolbar";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Notice } from "@/ui/Notice";

/** Who changed what and when, the latest first. Nobody can change what stands here. */
export function AuditPage() {
  const speech = useWords();
  const { text } = speech;
  const { tenant, site } = useDesk();
  const search = useSearch({ from: "/$tenant/audit" });
  const navigate = useNavigate({ from: "/$tenant/audit" });
  const found = useInfiniteQuery(auditQuery(tenant, site.timezone, search));
  const events = found.data?.pages.flatMap(({ items }) => items);
  const latest = events?.[0]?.id ?? "";
  const fresh = useQuery({ ...newEventsQuery(tenant, site.timezone, search, latest), enabled: events !== undefined });
  const client = useQueryClient();
  // From the first page on: what was read before would be moved by what is new.
  const showNew = () => void client.resetQueries({ queryKey: auditQuery(tenant, site.timezone, search).queryKey });
  const isFiltered = Object.keys(search).length > 0;
  const change = (name: keyof AuditSearch, value: string) =>
    void navigate({ search: (old) => ({ ...without(old, name), ...(value === "" ? {} : { [name]: value }) }), replace: true });
  const save = useMutation({
    mutationFn: () => auditTable(tenant, site.timezone, search),
    onSuccess: (table) => {
      const address = URL.createObjectURL(table);
      Object.assign(document.createElement("a"), { href: address, download: `audit-${tenant}.csv` }).click();
      URL.revokeObjectURL(address);
    },
  });
  return (
    <>
      <Toolbar title={text("area.audit")}>
        <span className="push" />
        <Filter label={text("audit.who")}>
          <select value={search.actor ?? ""} onChange={({ target }) => change("actor", target.value)}>
            <option value="">{text("audit.anyone")}</option>
            {ACTORS.map((actor) => (
              <option key={actor} value={actor}>
                {text(`audit.actor.${actor}`)}
              </option>
            ))}
          </select>
        </Filter>
        <Filter label={text("audit.what")}>
          <select value={search.kind ?? ""} onChange={({ target }) => change("kind", target.value)}>
            <option value="">{text("list.all")}</option>
            {KINDS.map((kind) => (
              <option key={kind} value={kind}>
                {text(`audit.kind.${kind}`)}
              </option>
            ))}
          </select>
        </Filter>
        <DayFilter label={text("list.from")} value={search.from ?? ""} onChange={(on) => change("from", on)} />
        <DayFilter label={text("list.until")} value={search.until ?? ""} onChange={(on) => change("until", on)} />
        <Button busy={save.isPending} onClick={() => save.mutate()}>
          CSV
        </Button>
      </Toolbar>
      <Listing
        found={found}
        bone="56px"
        above={
          <>
            {isFiltered && (
              <p className={styles.filtered}>
                {search.by !== undefined && <span className="muted">{text("audit.by", { name: events?.find(({ actor_id }) => actor_id === search.by)?.actor_name ?? text("audit.by.someone") })}</span>}
                {search.thing !== undefined && <span className="muted">{text("audit.one")}</span>}
                <Button kind="text" onClick={() => void navigate({ search: {} })}>
                  {text("list.clear")}
                </Button>
              </p>
            )}
            <div role="status" className={styles.fresh}>
              {(fresh.data ?? 0) > 0 && (
                <>
                  <span>{text("audit.new", { count: fresh.data ?? 0 })}</span>
                  <Button kind="text" onClick={showNew}>
                    {text("audit.new.show")}
                  </Button>
                </>
              )}
            </div>
            {save.isError && <Notice kind="bad" title={reasonOf(save.error, speech)} />}
          </>
        }
        nothing={
          <Empty title={text(isFiltered ? "audit.none" : "audit.empty")} hint={text(isFiltered ? "audit.none.hint" : "audit.empty.hint")}>
            {isFiltered && <Button onClick={() => void navigate({ search: {} })}>{text("list.clear")}</Button>}
          </Empty>
        }
      >
        {(events) => (
          <ol className={styles.log}>
            {events.map((event) => (
              <Entry key={event.id} event={event} onThing={() => void navigate({ search: { thing: event.entity_id } })} onActor={(by) => void navigate({ search: { by } })} />
            ))}
          </ol>
        )}
      </Listing>
    </>
  );
}
