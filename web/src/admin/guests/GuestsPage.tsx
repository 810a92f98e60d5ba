import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";

import { Failed, Stale } from "@/admin/Failed";
import styles from "@/admin/guests/Guests.module.css";
import { type Guest, guestsQuery } from "@/admin/guests/queries";
import { SearchField } from "@/admin/guests/SearchField";
import { useDesk } from "@/admin/tenant";
import { Toolbar } from "@/admin/Toolbar";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Bone, Skeleton } from "@/ui/Skeleton";

/** Everybody who has reserved, found by name, email address or telephone number. */
export function GuestsPage() {
  const { text } = useWords();
  const { tenant } = useDesk();
  const search = useSearch({ from: "/$tenant/guests" });
  const navigate = useNavigate({ from: "/$tenant/guests" });
  const found = useInfiniteQuery(guestsQuery(tenant, search.text));
  const rows = found.data?.pages.flatMap(({ items }) => items);
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
      <div className={styles.page}>
        {found.isError && rows !== undefined && <Stale error={found.error} at={found.dataUpdatedAt} retry={() => void found.refetch()} />}
        {rows === undefined ? (
          found.isError ? (
            <Failed error={found.error} retry={() => void found.refetch()} />
          ) : (
            <Skeleton label={text("load.waiting")}>
              {Array.from({ length: 12 }, (_, row) => (
                <div key={row} className={styles.bone}>
                  <Bone height="28px" />
                </div>
              ))}
            </Skeleton>
          )
        ) : rows.length === 0 ? (
          <Empty title={text(search.text === undefined ? "guests.empty" : "guests.none")} hint={text(search.text === undefined ? "guests.empty.hint" : "guests.none.hint")} />
        ) : (
          <Rows rows={rows} />
        )}
        {found.hasNextPage && (
          <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            {text("list.more")}
          </Button>
        )}
      </div>
    </>
  );
}

function Rows({ rows }: { rows: readonly Guest[] }) {
  const { text, instant } = useWords();
  const { tenant } = useDesk();
  return (
    <table className={styles.table}>
      <caption className="hidden-visually">{text("area.guests")}</caption>
      <thead>
        <tr>
          <th scope="col">{text("guest.name")}</th>
          <th scope="col">{text("guest.email")}</th>
          <th scope="col">{text("guest.phone")}</th>
          <th scope="col" className={styles.numeric}>
            {text("area.reservations")}
          </th>
          <th scope="col" className={styles.numeric}>
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
            <td className={styles.numeric}>{one.reservations}</td>
            <td className={styles.numeric}>{one.no_shows}</td>
            <td>{instant(one.created_at, { dateStyle: "medium" })}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
