import createClient from "openapi-fetch";

import { setClock } from "@/admin/clock";
import { answerOf, session } from "@/admin/session";
import type { paths } from "@/api/schema";

const TIMEOUT_MS = 20_000;

/** The API as who is signed in may use it. Throws what `answerOf` throws: `await ask(() => api.GET(…))`. */
export const api = createClient<paths>({ baseUrl: "/api", fetch: authorized });

export const ask = answerOf;

/** Send with a token; once more with a new one where the API does not take it. A wait for the password is no timeout. */
async function authorized(request: Request): Promise<Response> {
  for (let isLast = false; ; isLast = true) {
    const token = await session.token(request.signal);
    const headers = new Headers(request.headers);
    headers.set("Authorization", `Bearer ${token}`);
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const response = await fetch(new Request(request.clone(), { headers, signal }));
    setClock(response.headers.get("date"));
    if (response.status === 403 && !isLast) void session.reread();
    if (response.status !== 401 || isLast) return response;
    session.refuse(token);
  }
}

/** The tag of what was read in this version: the API compares versions alone. */
export function ifMatch(version: number): string {
  return `"${version}"`;
}
