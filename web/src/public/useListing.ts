import { api, call, type Schemas } from "@/api/client";
import { type Loaded, useLoaded } from "@/api/useLoaded";
import { daysAfter } from "@/public/wanted";

export type Slots = Schemas["SlotAvailability"];
export type Ranges = Schemas["RangeAvailability"];

/** What the API lists of a resource for so many days, with the reasons where something cannot be had. */
export function useListing(
  tenant: string,
  resource: string,
  { from, days, people, quantity }: { from: string; days: number; people: number; quantity: number },
): Loaded<Schemas["Availability"]> {
  return useLoaded(`listing ${tenant} ${resource} ${from} ${days} ${people} ${quantity}`, (signal) => {
    const query = { from, until: daysAfter(from, days), party_size: people, quantity, reasons: true };
    return call(signal, (signal) =>
      api.GET("/v1/tenants/{tenant}/resources/{resource}/availability", { params: { path: { tenant, resource }, query }, signal }),
    );
  });
}
