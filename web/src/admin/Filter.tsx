import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import styles from "@/admin/Filter.module.css";
import { resourcesQuery, useDesk } from "@/admin/tenant";
import { useWords } from "@/texts/admin";
import { Icon } from "@/ui/Icon";

/** What narrows a page, with its name: in the toolbar, on a phone two beside each other. */
export function Filter({ label, children }: { label: string; children: ReactNode }) {
  return (
    <label className={styles.filter}>
      <span>{label}</span>
      {children}
    </label>
  );
}

/** One resource by its id, or ("") all. */
export function ResourceFilter({ value, onChange }: { value: string | undefined; onChange: (id: string) => void }) {
  const { text } = useWords();
  const { tenant } = useDesk();
  const resources = useQuery(resourcesQuery(tenant));
  return (
    <Filter label={text("list.resource")}>
      <select value={value ?? ""} onChange={({ target }) => onChange(target.value)}>
        <option value="">{text("list.all")}</option>
        {(resources.data ?? []).map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </Filter>
  );
}

interface DayProps {
  label: string;
  /** Such as 2026-12-14; "" is any day. */
  value: string;
  min?: string;
  onChange: (on: string) => void;
}

/** A day, written as the page's language writes it: a browser's own field writes it as the browser's does. */
export function DayFilter({ label, value, min, onChange }: DayProps) {
  const { text, day } = useWords();
  return (
    <Filter label={label}>
      <span className={styles.date}>
        <Icon name="calendar" small />
        <span aria-hidden="true">{value === "" ? text("list.anyday") : day(value, { dateStyle: "medium" })}</span>
        <input type="date" min={min} value={value} onChange={({ target }) => onChange(target.value)} />
      </span>
    </Filter>
  );
}
