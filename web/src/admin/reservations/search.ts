import { readDay } from "@/admin/clock";
import { type ReservationState, STATES } from "@/ui/StateIcon";

export const ORDERS = ["starts_at", "-starts_at", "-created_at"] as const;

export type Order = (typeof ORDERS)[number];

/** What the address of the list says: a filter is an address. */
export interface ReservationsSearch {
  text?: string;
  /** With commas between them. */
  state?: string;
  resource?: string;
  guest?: string;
  /** Days: what ends after the first and begins on the last or before. */
  from?: string;
  until?: string;
  sort?: Order;
}

const ID = /^[0-9a-f-]{36}$/;

export function reservationsSearch(raw: Record<string, unknown>): ReservationsSearch {
  const text = typeof raw["text"] === "string" || typeof raw["text"] === "number" ? String(raw["text"]).trim().slice(0, 100) : "";
  const states = statesOf(typeof raw["state"] === "string" ? raw["state"] : undefined);
  const [from, until] = [readDay(raw["from"]), readDay(raw["until"])];
  const sort = ORDERS.find((one) => one === raw["sort"]);
  return {
    ...(text === "" ? {} : { text }),
    ...(states.length === 0 ? {} : { state: states.join(",") }),
    ...(typeof raw["resource"] === "string" && ID.test(raw["resource"]) ? { resource: raw["resource"] } : {}),
    ...(typeof raw["guest"] === "string" && ID.test(raw["guest"]) ? { guest: raw["guest"] } : {}),
    ...(from === null ? {} : { from }),
    ...(until === null ? {} : { until }),
    ...(sort === undefined || sort === "starts_at" ? {} : { sort }),
  };
}

export function statesOf(text: string | undefined): ReservationState[] {
  const wanted = new Set((text ?? "").split(","));
  return STATES.filter((state) => wanted.has(state));
}
