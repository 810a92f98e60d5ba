import { expect, it } from "vitest";

import { initialsOf } from "@/admin/initials";

it.each([
  ["Sam Ortiz", "SO"],
  ["  ada   king  lovelace ", "AL"],
  ["Owner", "O"],
  ["ليلى الحداد", "لا"],
  ["👩‍🌾 Müller", "👩‍🌾M"],
  ["", "·"],
])("shortens %s to %s", (name, initials) => expect(initialsOf(name)).toBe(initials));
