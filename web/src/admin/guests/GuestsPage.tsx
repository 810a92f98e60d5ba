import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";

import styles from "@/admin/guests/Guests.module.css";
import listing from "@/admin/Listing.module.css";
import { type Guest, guestsQuery } from "@/admin/guests/queries";
import { SearchField } from "@/admin/guests/SearchField";
import { Listing } from "@/admin/Listing";
import { useDesk } from "@/admin/tenant";
import { Toolbar } from "@/admin/Toolbar";
import { useWords } from "@/texts/admin";
import { Empty } from "@/ui/Empty";

/** Everybody who has reserved, found by name, email address or telephone number. */
export function GuestsPage() {
  const { text } = useWords();
  const { tenant } = useDesk();
  const search = useSearch({ from: "/$tenant/guests" });
  const navigate = useNavigate({ from: "/$tenant/guests" });
  const found = useInfiniteQuery(guestsQuery(tenant, search.text));
  return (
    <>
      <Toolbar title={text("area.guests")}>
        <SearchField
          key={search.text === undefined ? "all" : "some"}
          value={search.text ?? ""}
          autoFocus={search.text !== undefined}
          onSearch={(wanted) => void navigate({ search: wanted === "" ? {} : { text: wanted }, replace: true })}
        />
      </Toolbar>
      <Listing
        found={found}
        bone="28px"
        nothing={
          <Empty title={text(search.text === undefined ? "guests.empty" : "guests.none")} hint={text(search.text === undefined ? "guests.empty.hint" : "guests.none.hint")} />
        }
      >
        {(rows) => (
          <Rows rows={rows} />
        )}
      </Listing>
    </>
  );
}

function Rows({ rows }: { rows: readonly Guest[] }) {
  const { text, instant } = useWords();
  const { tenant } = useDesk();
  return (
    <table className={`${listing.table} ${styles.rows}`}>
      <caption className="hidden-visually">{text("area.guests")}</caption>
      <thead>
        <tr>
          <th scope="col">{text("guest.name")}</th>
          <th scope="col">{text("guest.email")}</th>
          <th scope="col">{text("guest.phone")}</th>
          <th scope="col" className={listing.numeric}>
            {text("area.reservations")}
          </th>
          <th scope="col" className={listing.numeric}>
            {text("state.no_show")}
          </th>
          <th scope="col">{text("guests.since")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((one) => (
          <tr key={one.id}>
            <th scope="row">
              <Link to="/$tenant/guests/$guest" params={{ tenant, guest: one.id }} className="clip" dir="auto">
                {one.anonymized_at === null ? one.name : text("guests.forgotten")}
              </Link>
            </th>
            <td className={styles.email}>{one.anonymized_at === null ? one.email : ""}</td>
            <td>{one.phone}</td>
            <td className={listing.numeric}>{one.reservations}</td>
            <td className={listing.numeric}>{one.no_shows}</td>
            <td>{instant(one.created_at, { dateStyle: "medium" })}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
