import type { ReactNode } from "react";

import { Icon } from "@/ui/Icon";
import styles from "@/ui/Table.module.css";

export interface Column<Row> {
  key: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** Figures: right-aligned, of one width. */
  isNumeric?: boolean;
  isSortable?: boolean;
}

export interface Sorting {
  key: string;
  direction: "ascending" | "descending";
}

interface Props<Row> {
  caption: string;
  columns: readonly [Column<Row>, ...Column<Row>[]];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  sorting?: Sorting;
  /** Asks for another order; whoever has the rows sorts them. */
  onSort?: (sorting: Sorting) => void;
  /** What is said where there are no rows. */
  nothing: string;
}

/** Rows below each other; the first column names its row. It scrolls by itself where the page is narrow. */
export function Table<Row>({ caption, columns, rows, rowKey, sorting, onSort, nothing }: Props<Row>) {
  const [first, ...others] = columns;
  return (
    <div className={styles.scroll} tabIndex={0} role="group" aria-label={caption}>
      <table className={styles.table}>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => {
              const direction = sorting?.key === column.key ? sorting.direction : undefined;
              return (
                <th key={column.key} scope="col" aria-sort={direction} className={column.isNumeric === true ? styles.numeric : undefined}>
                  {column.isSortable === true && onSort !== undefined ? (
                    <button
                      type="button"
                      className={styles.sort}
                      onClick={() => onSort({ key: column.key, direction: direction === "ascending" ? "descending" : "ascending" })}
                    >
                      {column.title}
                      <Icon name="chevron" small />
                    </button>
                  ) : (
                    column.title
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {rows.length === 0 && (
            <tr>
              <td colSpan={columns.length} className={styles.nothing}>
                {nothing}
              </td>
            </tr>
          )}
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              <th scope="row">{first.cell(row)}</th>
              {others.map((column) => (
                <td key={column.key} className={column.isNumeric === true ? styles.numeric : undefined}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
