/** What a guest looks for, as it stands in the address: ?from=2026-12-14&until=2026-12-18&people=2&wish=sauna */
export interface Filters {
  from: string;
  until: string;
  /** The day, for what is reserved by times. */
  on: string;
  people: number | null;
  wishes: string[];
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOST = 1000;

export function readFilters(search: URLSearchParams): Filters {
  const from = readDay(search.get("from"));
  const until = readDay(search.get("until"));
  return {
    from,
    // A departure before the arrival is none.
    until: from !== "" && until > from ? until : "",
    on: readDay(search.get("on")),
    people: readCount(search.get("people")),
    wishes: [...new Set(search.getAll("wish"))].filter((wish) => /^[\w-]{1,64}$/.test(wish)).slice(0, 10),
  };
}

export const EVERYTHING: Filters = { from: "", until: "", on: "", people: null, wishes: [] };

export function writeFilters(filters: Partial<Filters>): URLSearchParams {
  const { from, until, on, people, wishes } = { ...EVERYTHING, ...filters };
  const search = new URLSearchParams();
  if (from !== "") search.set("from", from);
  if (until !== "") search.set("until", until);
  if (on !== "") search.set("on", on);
  if (people !== null) search.set("people", String(people));
  for (const wish of wishes) search.append("wish", wish);
  return search;
}

export function readCount(text: string | null): number | null {
  const count = Number(text ?? "");
  return Number.isInteger(count) && count >= 1 && count <= MOST ? count : null;
}

export function readDay(text: string | null): string {
  if (text === null || !DAY.test(text)) return "";
  const at = Date.parse(`${text}T00:00:00Z`);
  // 2026-02-30 is read as 2 March by some: what is written must be what it is.
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text) ? text : "";
}

/** The day of an instant where the business is, such as 2026-11-30. */
export function dayIn(timezone: string, at: Date): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: timezone, year: "numeric", month: "2-digit", day: "2-digit" }).format(at);
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
