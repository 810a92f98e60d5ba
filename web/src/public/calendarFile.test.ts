import { expect, test } from "vitest";

import { calendarFile } from "@/public/calendarFile";

const EVENT = {
  id: "0198-1",
  startsAt: "2026-12-14T23:00:00Z",
  endsAt: "2026-12-18T18:00:00Z",
  title: "Lakeside Cabin, Pine Cabins",
  place: "2150 Timber Hollow Road; Estes Park",
  details: "Code ABC\nhttps://berth.example/manage",
};

test("an event has its instants, and its texts cannot become other lines", () => {
  const lines = calendarFile(EVENT, new Date("2026-11-30T12:00:00.123Z")).split("\r\n");
  expect(lines).toContain("DTSTART:20261214T230000Z");
  expect(lines).toContain("DTEND:20261218T180000Z");
  expect(lines).toContain("DTSTAMP:20261130T120000Z");
  expect(lines).toContain("SUMMARY:Lakeside Cabin\\, Pine Cabins");
  expect(lines).toContain("LOCATION:2150 Timber Hollow Road\\; Estes Park");
  expect(lines).toContain("DESCRIPTION:Code ABC\\nhttps://berth.example/manage");
  expect(calendarFile({ ...EVENT, title: "x\r\nEND:VEVENT" }, new Date()).split("\r\n").filter((line) => line === "END:VEVENT")).toHaveLength(1);
});

test("long lines are folded after at most 75 bytes, and read back as they were", () => {
  const title = "Chambre Vue Mer 🌊 ".repeat(20);
  const file = calendarFile({ ...EVENT, title }, new Date());
  const encoder = new TextEncoder();
  for (const line of file.split("\r\n")) expect(encoder.encode(line).length).toBeLessThanOrEqual(75);
  expect(file.replaceAll("\r\n ", "")).toContain(`SUMMARY:${title}`);
});
