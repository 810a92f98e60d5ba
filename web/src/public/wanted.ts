/** What a guest wants, as it stands in the address: ?from=2026-12-14&until=2026-12-18&people=2&wish=sauna */
export interface Filters {
  from: string;
  until: string;
  people: number | null;
  wishes: string[];
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOST_PEOPLE = 1000;

export function readFilters(search: URLSearchParams): Filters {
  const from = dayOf(search.get("from"));
  const until = dayOf(search.get("until"));
  const people = Number(search.get("people") ?? "");
  return {
    from,
    // A departure before the arrival is none.
    until: from !== "" && until > from ? until : "",
    people: Number.isInteger(people) && people >= 1 && people <= MOST_PEOPLE ? people : null,
    wishes: [...new Set(search.getAll("wish"))].filter((wish) => /^[\w-]{1,64}$/.test(wish)).slice(0, 10),
  };
}

export function writeFilters({ from, until, people, wishes }: Filters): URLSearchParams {
  const search = new URLSearchParams();
  if (from !== "") search.set("from", from);
  if (until !== "") search.set("until", until);
  if (people !== null) search.set("people", String(people));
  for (const wish of wishes) search.append("wish", wish);
  return search;
}

function dayOf(text: string | null): string {
  if (text === null || !DAY.test(text)) return "";
  const at = Date.parse(`${text}T00:00:00Z`);
  // 2026-02-30 is read as 2 March by some: what is written must be what it is.
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text) ? text : "";
}

/** Today where the business is, such as 2026-11-30. */
export function todayIn(timezone: string, now: Date): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: timezone, year: "numeric", month: "2-digit", day: "2-digit" }).format(now);
}

/** The day so many days after another. */
export function daysAfter(on: string, days: number): string {
  return new Date(Date.parse(`${on}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

export function nightsBetween(from: string, until: string): number {
  return Math.round((Date.parse(until) - Date.parse(from)) / 86_400_000);
}

/** The first day of the month so many months after the day's. */
export function monthAfter(on: string, months: number): string {
  const [year = 0, month = 1] = on.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10);
}
