import type { Schemas } from "@/api/client";

/** Why a call did not do what was wanted. `problem` is what the API says (RFC 9457), where it was the API that answered. */
export class Refused extends Error {
  constructor(
    readonly kind: "offline" | "slow" | "busy" | "missing" | "refused" | "server",
    readonly problem: Schemas["Problem"] | null,
    /** After how many seconds another try makes sense. */
    readonly retryAfter = 1,
  ) {
    super(problem?.detail ?? kind);
    this.name = "Refused";
  }
}

/** Read a refusal of the API. `body` may be anything: between here and the API others may answer. */
export function refusalOf(response: Response, body: unknown): Refused {
  const problem = isProblem(body) ? body : null;
  const seconds = Number(response.headers.get("retry-after"));
  const retryAfter = Number.isFinite(seconds) && seconds > 0 ? Math.min(Math.ceil(seconds), 3600) : 1;
  if (response.status === 404) return new Refused("missing", problem);
  if (response.status === 429 || response.status === 503) return new Refused("busy", problem, retryAfter);
  if (response.status >= 500 || problem === null) return new Refused("server", problem);
  return new Refused("refused", problem);
}

/** Read what `fetch` throws: it was aborted by the page (null), took too long, or nobody answered. */
export function failureOf(thrown: unknown): Refused | null {
  if (thrown instanceof Refused) return thrown;
  if (thrown instanceof DOMException && thrown.name === "AbortError") return null;
  if (thrown instanceof DOMException && thrown.name === "TimeoutError") return new Refused("slow", null);
  return new Refused("offline", null);
}

type Violation = Schemas["ViolationBody"];

/** The messages of a refusal by the field that each is about, in `words`; "" are those about the whole. */
export function messagesByField(
  problem: Schemas["Problem"] | null,
  fields: readonly string[],
  words: (violation: Violation, field: string) => string = ({ message }) => message,
): Map<string, string[]> {
  const messages = new Map<string, string[]>();
  for (const violation of problem?.violations ?? []) {
    // `guest.email` is the field of its last part; the API may name one that this form has not.
    const name = [violation.field, violation.field.split(".").at(-1) ?? ""].find((one) => fields.includes(one)) ?? "";
    messages.set(name, [...(messages.get(name) ?? []), words(violation, name)]);
  }
  if (problem !== null && messages.size === 0) messages.set("", [problem.detail]);
  return messages;
}

function isProblem(body: unknown): body is Schemas["Problem"] {
  return (
    typeof body === "object" && body !== null && "code" in body && typeof body.code === "string" && "detail" in body && typeof body.detail === "string"
  );
}
