// A tour of the API with the types that openapi-typescript makes: what it is told is what it says, as JSON.

import createClient from "openapi-fetch";
import type { components, paths } from "./schema.d.ts";

declare const process: { env: Record<string, string | undefined> };
declare const console: { log(text: string): void };

const setting = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set.`);
  return value;
};
const must = <T>(value: T | undefined, problem?: unknown): T => {
  if (value === undefined) throw new Error(JSON.stringify(problem));
  return value;
};

const client = createClient<paths>({ baseUrl: setting("BERTH_ADDRESS") });
const tenant = setting("BERTH_TENANT");
const wanted = (check_out_on: string): components["schemas"]["CreateReservation"] => ({
  resource_id: setting("BERTH_RESOURCE"),
  check_in_on: "2031-05-05",
  check_out_on,
  guest: { name: "Ada Lovelace", email: "ada@example.org" },
});
const create = (check_out_on: string) =>
  client.POST("/v1/tenants/{tenant}/reservations", { params: { path: { tenant } }, body: wanted(check_out_on) });

const made = await create("2031-05-07");
const created = must(made.data, made.error);
// 202: a tenant that wants it confirmed by email first.
if (!("manage_token" in created)) throw new Error(created.state);
const headers = { Authorization: `Bearer ${created.manage_token}` };
const path = { tenant, reservation: created.id };

const found = await client.GET("/v1/tenants/{tenant}/reservations/{reservation}", { params: { path }, headers });
const total: number = must(found.data, found.error).price.total;
const tag = must(found.response.headers.get("ETag") ?? undefined);

const change = () =>
  client.PATCH("/v1/tenants/{tenant}/reservations/{reservation}", {
    params: { path, header: { "If-Match": tag } },
    body: { notes: "late" },
    headers,
  });
const changed = await change();
const stale: components["schemas"]["Problem"] = must((await change()).error);
const refused: components["schemas"]["Problem"] = must((await create("2031-05-06")).error);

console.log(
  JSON.stringify({
    location: made.response.headers.get("Location")?.endsWith(created.id) ?? false,
    total,
    notes: must(changed.data, changed.error).notes,
    version: must(changed.data).version,
    stale: stale.code,
    refused: refused.code,
    blocked_by: refused.blocked_by ?? [],
  }),
);
