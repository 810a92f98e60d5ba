import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Failed, Stale } from "@/admin/Failed";
import styles from "@/admin/Page.module.css";
import { useWords } from "@/texts/admin";
import { Bone, Skeleton } from "@/ui/Skeleton";

interface Props<Item> {
  found: UseQueryResult<{ items: Item[] }>;
  /** What is said where there is none. */
  nothing: string;
  children: (item: Item) => ReactNode;
}

/** The rows of a card: while they load, where they could not be, where there are none, and as they are. */
export function Loaded<Item>({ found, nothing, children }: Props<Item>) {
  const { text } = useWords();
  if (found.data === undefined) {
    return (
      <div className={styles.inside}>
        {found.isError ? (
          <Failed error={found.error} retry={() => void found.refetch()} />
        ) : (
          <Skeleton label={text("load.waiting")}>
            <Bone height="72px" />
          </Skeleton>
        )}
      </div>
    );
  }
  return (
    <>
      {found.isError && (
        <div className={styles.inside}>
          <Stale error={found.error} at={found.dataUpdatedAt} retry={() => void found.refetch()} />
        </div>
      )}
      {found.data.items.length === 0 ? <p className={`${styles.inside} muted`}>{nothing}</p> : <ul className={styles.rows}>{found.data.items.map(children)}</ul>}
    </>
  );
}
