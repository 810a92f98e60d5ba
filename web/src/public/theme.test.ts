import { expect, test } from "vitest";

import { contrast, parse, themeProperties } from "@/public/theme";

const PINE = { text: "#23302c", muted: "#586660", accent: "#b0422c", primary: "#22564b", surface: "#ffffff", background: "#faf6ec", on_primary: "#ffffff" };

function colour(properties: Map<string, string>, name: string) {
  const found = parse(properties.get(name) ?? "");
  if (found === null) throw new Error(`${name} is no colour`);
  return found;
}

test("colours that can be read stay as they are", () => {
  expect(Object.fromEntries(themeProperties(PINE))).toEqual({
    "--t-text": "#23302c",
    "--t-muted": "#586660",
    "--t-accent": "#b0422c",
    "--t-primary": "#22564b",
    "--t-surface": "#ffffff",
    "--t-background": "#faf6ec",
    "--t-on-primary": "#ffffff",
  });
});

test("a pale text and a pale button are darkened until they can be read", () => {
  const properties = themeProperties({ ...PINE, muted: "#cccccc", primary: "#ffe680" });
  for (const name of ["--t-muted", "--t-primary"]) {
    for (const ground of ["--t-surface", "--t-background"]) {
      expect(contrast(colour(properties, name), colour(properties, ground))).toBeGreaterThanOrEqual(4.5);
    }
  }
  expect(contrast(colour(properties, "--t-on-primary"), colour(properties, "--t-primary"))).toBeGreaterThanOrEqual(4.5);
});

test("on a dark ground texts become lighter", () => {
  const properties = themeProperties({ ...PINE, surface: "#101820", background: "#0a0f14" });
  expect(contrast(colour(properties, "--t-text"), colour(properties, "--t-surface"))).toBeGreaterThanOrEqual(4.5);
});

test("a ground on which nothing can be read, or on which two texts would be needed, is another one", () => {
  for (const theme of [
    { background: "#7f7f7f", surface: "#7f7f7f" },
    { background: "#000000", surface: "#ffffff" },
  ]) {
    const properties = themeProperties({ ...PINE, ...theme, text: "#808080", muted: "#808080", primary: "#808080" });
    for (const ground of ["--t-surface", "--t-background"]) {
      for (const name of ["--t-text", "--t-muted", "--t-primary"]) {
        expect(contrast(colour(properties, name), colour(properties, ground))).toBeGreaterThanOrEqual(4.5);
      }
    }
  }
});

test("what is no colour is left out, whatever it says", () => {
  const properties = themeProperties({ text: "red; } body { display: none", primary: "#12345", accent: "#a5552f" });
  expect([...properties.keys()]).toEqual(["--t-accent"]);
});
