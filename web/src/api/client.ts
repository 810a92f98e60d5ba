import createClient from "openapi-fetch";

import { failureOf, Refused, refusalOf } from "@/api/problems";
import type { components, paths } from "@/api/schema";

export type Schemas = components["schemas"];

const TIMEOUT_MS = 20_000;

export const api = createClient<paths>({ baseUrl: "/api", fetch: fetchUnlessGiven });

const GIVEN_MS = 10_000;
let given: Map<string, string> | undefined;

/** Answers that came with the page, by address, for as long as it is fresh: what it shows first is asked for by nobody. */
function fetchUnlessGiven(request: Request): Promise<Response> {
  given ??= new Map(Object.entries(JSON.parse(document.getElementById("given")?.textContent ?? "{}") as Record<string, string>));
  const { pathname, search } = new URL(request.url);
  const answer = request.method === "GET" && performance.now() < GIVEN_MS ? given.get(pathname + search) : undefined;
  if (answer === undefined) return fetch(request);
  return Promise.resolve(new Response(answer));
}

let ahead = 0;

// What is read may come from a cache, with the time at which it was stored.
api.use({
  onResponse({ request, response }) {
    const at = Date.parse(response.headers.get("date") ?? "");
    if (request.method !== "GET" && !Number.isNaN(at)) ahead = Date.now() - at;
  },
});

/** Now, in milliseconds, by the clock of the API: that of a device may be wrong, and a deadline is the API's. */
export function apiNow(): number {
  return Date.now() - ahead;
}

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/**
 * Call the API and return what it says. Throws `Refused`; and an AbortError where `signal` ended the call.
 *
 *     const site = await call(signal, (signal) => api.GET("/v1/tenants/{tenant}", { params, signal }));
 */
export async function call<Data>(signal: AbortSignal, request: (signal: AbortSignal) => Promise<Answer<Data>>): Promise<Data> {
  let answer: Answer<Data>;
  try {
    answer = await request(AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]));
  } catch (thrown) {
    signal.throwIfAborted();
    throw failureOf(thrown) ?? new Refused("slow", null);
  }
  if (answer.data === undefined) throw refusalOf(answer.response, answer.error);
  return answer.data;
}
