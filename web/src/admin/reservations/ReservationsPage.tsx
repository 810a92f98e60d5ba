import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type KeyboardEvent, useRef } from "react";

import { SearchBox } from "@/admin/SearchBox";
import { isForgotten } from "@/admin/forgotten";
import { DayFilter, Filter, ResourceFilter } from "@/admin/Filter";
import { listQuery, type Reservation } from "@/admin/reservations/queries";
import { ORDERS, statesOf } from "@/admin/reservations/search";
import { spanOf } from "@/admin/span";
import listing from "@/admin/Listing.module.css";
import styles from "@/admin/reservations/List.module.css";
import { without } from "@/admin/search";
import { Listing } from "@/admin/Listing";
import { resourcesQuery, useDesk } from "@/admin/tenant";
import { Toolbar } from "@/admin/Toolbar";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Money } from "@/admin/Money";
import { StateBadge } from "@/ui/StateBadge";
import { STATES } from "@/ui/StateIcon";

const NAMES = ["text", "state", "resource", "guest", "from", "until", "sort"] as const;

/** All reservations, found by guest, code, state, resource and days. Arrows go from row to row, Enter opens one. */
export function ReservationsPage() {
  const { text } = useWords();
  const { tenant, site } = useDesk();
  const search = useSearch({ from: "/$tenant/reservations" });
  const navigate = useNavigate({ from: "/$tenant/reservations" });
  const found = useInfiniteQuery(listQuery(tenant, site.timezone, search));
  const resources = useQuery(resourcesQuery(tenant));
  const names = new Map((resources.data ?? []).map(({ id, name }) => [id, name]));
  const isFiltered = NAMES.some((name) => name !== "sort" && search[name] !== undefined);
  const change = (name: (typeof NAMES)[number], value: string) =>
    void navigate({ search: (old) => ({ ...without(old, name), ...(value === "" ? {} : { [name]: value }) }), replace: true });
  const states = statesOf(search.state);
  return (
    <>
      <Toolbar title={text("area.reservations")}>
        <div className={styles.onPhone}>
          <SearchBox />
        </div>
        <span className="push" />
        <ResourceFilter value={search.resource} onChange={(id) => change("resource", id)} />
        <DayFilter label={text("list.from")} value={search.from ?? ""} onChange={(on) => change("from", on)} />
        <DayFilter label={text("list.until")} value={search.until ?? ""} onChange={(on) => change("until", on)} />
        <Filter label={text("list.sort")}>
          <select value={search.sort ?? "starts_at"} onChange={({ target }) => change("sort", target.value)}>
            {ORDERS.map((order) => (
              <option key={order} value={order}>
                {text(`list.sort.${order}`)}
              </option>
            ))}
          </select>
        </Filter>
      </Toolbar>
      <div className={styles.states} role="group" aria-label={text("list.state")}>
        {STATES.map((state) => {
          const isOn = states.includes(state);
          return (
            <button
              key={state}
              type="button"
              aria-pressed={isOn}
              onClick={() => change("state", (isOn ? states.filter((one) => one !== state) : [...states, state]).join(","))}
            >
              <StateBadge state={state} label={text(`state.${state}`)} />
            </button>
          );
        })}
        {isFiltered && (
          <Button kind="text" onClick={() => void navigate({ search: search.sort === undefined ? {} : { sort: search.sort } })}>
            {text("list.clear")}
          </Button>
        )}
        {search.text !== undefined && <span className="muted">{text("list.searched", { text: search.text })}</span>}
      </div>
      <Listing
        found={found}
        bone="28px"
        nothing={
          <Empty title={text(isFiltered ? "list.none" : "list.empty")} hint={text(isFiltered ? "list.none.hint" : "list.empty.hint")}>
            {isFiltered && <Button onClick={() => void navigate({ search: {} })}>{text("list.clear")}</Button>}
          </Empty>
        }
      >
        {(rows) => (
          <Rows rows={rows} names={names} />
        )}
      </Listing>
    </>
  );
}

function Rows({ rows, names }: { rows: Reservation[]; names: Map<string, string> }) {
  const speech = useWords();
  const { text } = speech;
  const { tenant } = useDesk();
  const table = useRef<HTMLTableElement>(null);
  const press = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0 || table.current === null) return;
    const links = [...table.current.querySelectorAll<HTMLAnchorElement>("tbody th a")];
    const next = links[links.findIndex((link) => link === document.activeElement) + step];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <table className={`${listing.table} ${styles.rows}`} ref={table} onKeyDown={press}>
      <caption className="hidden-visually">{text("area.reservations")}</caption>
      <thead>
        <tr>
          <th scope="col">{text("list.guest")}</th>
          <th scope="col">{text("list.code")}</th>
          <th scope="col">{text("list.resource")}</th>
          <th scope="col">{text("list.when")}</th>
          <th scope="col" className={listing.numeric}>
            {text("list.people")}
          </th>
          <th scope="col" className={listing.numeric}>
            {text("list.due")}
          </th>
          <th scope="col">{text("list.state")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((one) => (
          <tr key={one.id}>
            <th scope="row">
              <Link to="/$tenant/reservations/$reservation" params={{ tenant, reservation: one.id }} className="clip" dir="auto">
                {isForgotten(one.guest) ? text("guests.forgotten") : one.guest.name}
              </Link>
            </th>
            <td className={listing.code}>{one.code}</td>
            <td>{names.get(one.resource_id) ?? ""}</td>
            <td>{spanOf(one, speech)}</td>
            <td className={listing.numeric}>{one.party_size}</td>
            <td className={listing.numeric}>
              <Money amount={one.due} />
            </td>
            <td>
              <StateBadge state={one.state} label={text(`state.${one.state}`)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
