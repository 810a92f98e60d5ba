import type { Schemas } from "@/api/client";
import { type Speech } from "@/texts/intl";

export interface Fact {
  label: string;
  value: string;
  /** Said smaller below, such as the same time elsewhere. */
  aside?: string | undefined;
  /** It takes a row of its own where others share one. */
  wide?: boolean;
}

type Used = Pick<Schemas["QuoteBody"], "check_in_on" | "starts_at" | "ends_at" | "quantity" | "party_size">;

/** When, how many people and how many of it: as every page says it of a quote, a reservation or a place on the waitlist. */
export function factsOf(used: Used, speech: Speech): Fact[] {
  const { text, moment } = speech;
  const people = { label: text("price.people"), value: String(used.party_size) };
  if (used.check_in_on !== null) {
    return [
      { label: text("price.in"), value: moment(used.starts_at) },
      { label: text("price.out"), value: moment(used.ends_at) },
      { ...people, wide: true },
    ];
  }
  const own = speech.isElsewhere(used.starts_at) ? text("price.yours", { time: speech.ownOccasion(used.starts_at, used.ends_at) }) : undefined;
  return [
    { label: text("price.when"), value: speech.occasion(used.starts_at, used.ends_at), aside: own, wide: true },
    ...(used.quantity > 1 ? [people, { label: text("price.quantity"), value: String(used.quantity) }] : [{ ...people, wide: true }]),
  ];
}
