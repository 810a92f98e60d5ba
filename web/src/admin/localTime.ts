import { parseAbsolute } from "@internationalized/date";

/** An instant as a field for local times takes it. */
export function localTime(at: string, timezone: string): string {
  return parseAbsolute(at, timezone).toString().slice(0, 16);
}
