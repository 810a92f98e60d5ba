import { expect, test } from "vitest";

import { degreesText, labelsOf, measuresOf, planOf } from "@/public/map/chart";
import { type Place, placeOf } from "@/public/place";

const HUT: Place = { latitude: -42.8836, longitude: 147.3303, name: "Hut" };
const WALK: Place = { latitude: -42.8903, longitude: 147.2461, name: "Organ Pipes Loop" };
const SYDNEY: Place = { latitude: -33.87, longitude: 151.21, name: "Sydney" };

test("a single place lies in the middle, and at least the streets around it are on the chart", () => {
  const { points, metresPerPixel } = planOf([HUT], 600, 400);
  expect(points).toMatchObject([{ x: 300, y: 200 }]);
  expect(metresPerPixel * 400).toBeCloseTo(700);
});

test("all near places are on the chart, north up; what is far away is not", () => {
  const { points } = planOf([HUT, WALK, SYDNEY], 600, 400);
  expect(points.map(({ name }) => name)).toEqual(["Hut", "Organ Pipes Loop"]);
  const [hut, walk] = points;
  expect(walk?.x).toBeLessThan(hut?.x ?? 0);
  expect(walk?.y).toBeGreaterThan(hut?.y ?? 0);
  for (const { x, y } of points) {
    expect(x).toBeGreaterThanOrEqual(56);
    expect(x).toBeLessThanOrEqual(544);
    expect(y).toBeGreaterThanOrEqual(56);
  }
});

test("distances are true: the walk is seven kilometres from the hut", () => {
  const { points, metresPerPixel } = planOf([HUT, WALK], 600, 400);
  const [hut, walk] = points;
  expect((Math.hypot((walk?.x ?? 0) - (hut?.x ?? 0), (walk?.y ?? 0) - (hut?.y ?? 0)) * metresPerPixel) / 1000).toBeCloseTo(6.9, 1);
});

test("lines stand on round minutes, far enough from each other for their names", () => {
  const { meridians, parallels } = planOf([HUT, WALK], 600, 400);
  expect(meridians.length).toBeGreaterThan(1);
  expect(parallels.length).toBeGreaterThan(1);
  for (const { degrees } of [...meridians, ...parallels]) expect(Math.abs(degrees * 1200 - Math.round(degrees * 1200))).toBeLessThan(1e-6);
  for (const [index, { at }] of meridians.entries()) {
    const next = meridians[index + 1];
    if (next !== undefined) expect(next.at - at).toBeGreaterThanOrEqual(110);
  }
});

test("a scale is a round distance as people there measure it", () => {
  expect(measuresOf(2, 600, 400, "AU").scale).toMatchObject({ count: 200, unit: "meter" });
  expect(measuresOf(30, 600, 400, null).scale).toMatchObject({ count: 2, unit: "kilometer" });
  expect(measuresOf(30, 600, 400, "US").scale).toMatchObject({ count: 2, unit: "mile" });
  for (const { metres } of measuresOf(2, 600, 400, "AU").rings) expect(metres / 2).toBeLessThan(200);
});

test("degrees are written in minutes, and a full minute becomes the next degree", () => {
  expect(degreesText(-42.9, "en-AU")).toBe("42° 54.0′");
  expect(degreesText(7.275, "fr-FR")).toBe("7° 16,5′");
  expect(degreesText(41.99999, "en-AU")).toBe("42° 0.0′");
});

test("no name covers another or leaves the chart", () => {
  const crowd = Array.from({ length: 30 }, (_, index) => ({ ...HUT, name: `Place ${index}`, x: 300 + (index % 5), y: 200 + (index % 7) }));
  const labels = labelsOf(crowd, 600, 400);
  expect(labels.filter((label) => label !== null).length).toBeLessThan(crowd.length);
  expect(labelsOf([{ ...HUT, x: 595, y: 200 }], 600, 400)[0]?.anchor).toBe("end");
  expect(labelsOf([{ ...HUT, name: "x".repeat(400), x: 300, y: 200 }], 600, 400)).toEqual([null]);
});

test("a location without coordinates is no place", () => {
  expect(placeOf({ latitude: 1, longitude: 2, description: "x" }, "A")).toEqual({ latitude: 1, longitude: 2, name: "A" });
  expect(placeOf({ description: "x" }, "A")).toBeNull();
  expect(placeOf({ latitude: "1", longitude: 2 }, "A")).toBeNull();
  expect(placeOf(null, "A")).toBeNull();
});
