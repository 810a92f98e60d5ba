import { expect, test } from "vitest";

import { failureOf, messagesByField, Refused, refusalOf } from "@/api/problems";

const PROBLEM = { type: "about:blank", title: "Request refused", status: 422, code: "invalid_input", detail: "Two fields are wrong." };

function violation(field: string, message: string) {
  return { rule: "request", code: "wrong", field, message, parameters: {} };
}

function answer(status: number, headers: Record<string, string> = {}) {
  return new Response(null, { status, headers });
}

test("messages stand at the fields that they are about, and what no field has stands on top", () => {
  const violations = [violation("guest.email", "No email."), violation("name", "No name."), violation("quantity", "Too many.")];
  expect(Object.fromEntries(messagesByField({ ...PROBLEM, violations }, ["name", "email"]))).toEqual({
    email: ["No email."],
    name: ["No name."],
    "": ["Too many."],
  });
});

test("a problem without violations says its detail on top", () => {
  expect(Object.fromEntries(messagesByField(PROBLEM, ["name"]))).toEqual({ "": ["Two fields are wrong."] });
  expect(messagesByField(null, ["name"]).size).toBe(0);
});

test("what the API refuses is told apart from what did not work", () => {
  expect(refusalOf(answer(422), PROBLEM)).toMatchObject({ kind: "refused", problem: PROBLEM });
  expect(refusalOf(answer(404), PROBLEM).kind).toBe("missing");
  expect(refusalOf(answer(500), PROBLEM).kind).toBe("server");
  expect(refusalOf(answer(502), "<html>").kind).toBe("server");
  expect(refusalOf(answer(403), "<html>")).toMatchObject({ kind: "server", problem: null });
});

test("who is to come back is told when, within reason", () => {
  expect(refusalOf(answer(429, { "retry-after": "30" }), PROBLEM)).toMatchObject({ kind: "busy", retryAfter: 30 });
  for (const seconds of ["", "-1", "soon", "NaN"]) expect(refusalOf(answer(503, { "retry-after": seconds }), PROBLEM).retryAfter).toBe(1);
  expect(refusalOf(answer(429, { "retry-after": "999999" }), PROBLEM).retryAfter).toBe(3600);
});

test("a call that the page ended is no failure", () => {
  expect(failureOf(new DOMException("", "AbortError"))).toBeNull();
  expect(failureOf(new DOMException("", "TimeoutError"))?.kind).toBe("slow");
  expect(failureOf(new TypeError("Failed to fetch"))?.kind).toBe("offline");
  const refused = new Refused("busy", null);
  expect(failureOf(refused)).toBe(refused);
});
