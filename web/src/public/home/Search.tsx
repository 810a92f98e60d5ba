import { useState } from "react";

import type { Schemas } from "@/api/client";
import { dayIn, daysAfter, type Filters } from "@/public/wanted";
import styles from "@/public/home/Home.module.css";
import { useSite } from "@/public/site";
import { useSpeech } from "@/texts/intl";
import { Button } from "@/ui/Button";

const MOST_WISHES = 8;
const MOST_PEOPLE_LISTED = 12;

/** What a guest looks for: two dates where nights are offered, else a day. The browser's own fields for them load nothing. */
export function Search({
  filters,
  onSearch,
  resources,
}: {
  filters: Filters;
  onSearch: (filters: Filters) => void;
  resources: Schemas["ResourceBody"][];
}) {
  const { text, amenity } = useSpeech();
  const site = useSite();
  const [from, setFrom] = useState(filters.from);
  const [until, setUntil] = useState(filters.until);
  const [on, setOn] = useState(filters.on);
  const [people, setPeople] = useState(filters.people);
  const today = dayIn(site.timezone, new Date());
  const most = Math.max(1, ...resources.map(({ max_party_size }) => max_party_size));
  const sizes = choices(most);
  const wishes = [...new Set([...distinguishing(resources), ...filters.wishes])];
  const hasNights = resources.some(({ mode }) => mode === "stay");
  if (resources.length < 2) return null;

  const send = (changed: Partial<Filters>) => onSearch({ ...filters, from, until, on, people, ...changed });
  return (
    <form
      className={hasNights ? styles.search : `${styles.search} ${styles.searchDay}`}
      role="search"
      aria-label={text("search.label")}
      onSubmit={(event) => {
        event.preventDefault();
        send({});
        document.getElementById("offers")?.scrollIntoView({ block: "start" });
      }}
    >
      {hasNights && (
        <>
          <label className={styles.field}>
            {text("search.from")}
            <input
              type="date"
              min={today}
              value={from}
              required={until !== ""}
              onChange={({ target }) => {
                setFrom(target.value);
                if (target.value !== "" && until !== "" && until <= target.value) setUntil(daysAfter(target.value, 1));
              }}
            />
          </label>
          <label className={styles.field}>
            {text("search.until")}
            <input
              type="date"
              min={daysAfter(from === "" ? today : from, 1)}
              value={until}
              required={from !== ""}
              onChange={({ target }) => setUntil(target.value)}
            />
          </label>
        </>
      )}
      {!hasNights && (
        <label className={styles.field}>
          {text("search.on")}
          <input type="date" min={today} value={on} onChange={({ target }) => setOn(target.value)} />
        </label>
      )}
      <label className={styles.field}>
        {text("search.people")}
        <select value={people ?? ""} onChange={({ target }) => setPeople(target.value === "" ? null : Number(target.value))}>
          <option value="">–</option>
          {sizes.map((size) => (
            <option key={size} value={size}>
              {size}
            </option>
          ))}
        </select>
      </label>
      <Button kind="primary" type="submit">
        {text(hasNights || on !== "" ? "search.submit" : "search.submit.people")}
      </Button>
      {wishes.length > 0 && (
        <fieldset className={styles.wishes}>
          <legend className="hidden-visually">{text("search.wishes")}</legend>
          {wishes.map((wish) => (
            <label key={wish} className={styles.wish}>
              <input
                type="checkbox"
                checked={filters.wishes.includes(wish)}
                onChange={({ target }) =>
                  send({ wishes: target.checked ? [...filters.wishes, wish] : filters.wishes.filter((one) => one !== wish) })
                }
              />
              {amenity(wish)}
            </label>
          ))}
        </fieldset>
      )}
    </form>
  );
}

/** Numbers of people to choose from: each one while they are few, then in steps. */
function choices(most: number): number[] {
  const step = most > 100 ? 20 : most > 40 ? 10 : 5;
  const all = Array.from({ length: most }, (_, index) => index + 1);
  return all.filter((size) => size <= MOST_PEOPLE_LISTED || size % step === 0 || size === most);
}

/** What some resources have and others have not, the most frequent first: what all have is no choice. */
function distinguishing(resources: Schemas["ResourceBody"][]): string[] {
  const counts = new Map<string, number>();
  for (const code of resources.flatMap(({ amenities }) => amenities)) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count < resources.length)
    .sort(([one, ones], [other, others]) => others - ones || one.localeCompare(other))
    .slice(0, MOST_WISHES)
    .map(([code]) => code);
}
