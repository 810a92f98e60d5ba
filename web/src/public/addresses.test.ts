import { expect, test } from "vitest";

import { siteAddress } from "@/public/addresses";

test("a site is what the server says, wherever its page is", () => {
  expect(siteAddress("/resources/x", { tenant: "pine-cabins", base: "" })).toEqual({ tenant: "pine-cabins", base: "" });
  expect(siteAddress("/t/other", { tenant: "pine-cabins", base: "/t/pine-cabins" }).tenant).toBe("pine-cabins");
});

test("without that it is the one of the path", () => {
  expect(siteAddress("/t/pine-cabins/resources/x", {})).toEqual({ tenant: "pine-cabins", base: "/t/pine-cabins" });
  expect(siteAddress("/t/pine-cabins/embed/resources/x", {}).base).toBe("/t/pine-cabins/embed");
  expect(siteAddress("/t/pine-cabins/embedded", {}).base).toBe("/t/pine-cabins");
  expect(siteAddress("/", {})).toEqual({ tenant: "", base: "" });
});
