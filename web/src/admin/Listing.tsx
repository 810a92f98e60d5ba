import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Failed, Stale } from "@/admin/Failed";
import styles from "@/admin/Listing.module.css";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Bone, Skeleton } from "@/ui/Skeleton";

const BONES = 10;

interface Props<Row> {
  found: UseInfiniteQueryResult<{ pages: { items: Row[] }[] }>;
  /** How high a row is while it loads, such as 28px. */
  bone: string;
  /** What stands there instead of no rows. */
  nothing: ReactNode;
  /** Above the rows, whatever becomes of them. */
  above?: ReactNode;
  children: (rows: Row[]) => ReactNode;
}

/** A page of rows: while they load, where they could not be, where there are none, as they are, and more of them. */
export function Listing<Row>({ found, bone, nothing, above, children }: Props<Row>) {
  const { text } = useWords();
  const rows = found.data?.pages.flatMap(({ items }) => items);
  return (
    <div className={styles.page}>
      {above}
      {found.isError && rows !== undefined && <Stale error={found.error} at={found.dataUpdatedAt} retry={() => void found.refetch()} />}
      {rows !== undefined ? (
        rows.length === 0 ? (
          nothing
        ) : (
          children(rows)
        )
      ) : found.isError ? (
        <Failed error={found.error} retry={() => void found.refetch()} />
      ) : (
        <Skeleton label={text("load.waiting")}>
          {Array.from({ length: BONES }, (_, row) => (
            <div key={row} className={styles.bone}>
              <Bone height={bone} />
            </div>
          ))}
        </Skeleton>
      )}
      {found.hasNextPage && (
        <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {text("list.more")}
        </Button>
      )}
    </div>
  );
}
