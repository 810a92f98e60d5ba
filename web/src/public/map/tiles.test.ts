import { expect, test } from "vitest";

import { tilesOf } from "@/public/map/tiles";

test("tiles are those that the server wrote into the page, with whom to name for them", () => {
  const said = { mapTiles: "https://tiles.example/{z}/{x}/{y}.png", mapCredits: "© Mappers" };
  expect(tilesOf(said)).toEqual({ template: said.mapTiles, credits: "© Mappers" });
  expect(tilesOf({})).toBeNull();
  expect(tilesOf({ mapTiles: said.mapTiles })).toBeNull();
  expect(tilesOf({ ...said, mapTiles: "javascript:alert(1)" })).toBeNull();
});
