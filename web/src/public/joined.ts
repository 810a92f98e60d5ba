import type { Schemas } from "@/api/client";
import { attemptOf } from "@/public/attempt";
import type { Use } from "@/public/uses";

/** What joining a waitlist made: a place, or a question that went to an email. */
export type Joined = Schemas["JoinedEntry"] | Schemas["AwaitsConfirmation"];

/** Whether this window waits for it already. */
export function isJoined(tenant: string, use: Use): boolean {
  return attemptOf<Joined>(thingOf(tenant, use)).made !== null;
}

/** What an attempt to join is kept by. */
export function thingOf(tenant: string, use: Use): string {
  return `${tenant} wait ${JSON.stringify(use)}`;
}
