import { describe, expect, it } from "vitest";

import { changeOf, csvOf, sayFigure } from "@/admin/dashboard/figures";
import type { AdminTexts } from "@/texts/admin/en";
import { Speech } from "@/texts/intl";

const speech = new Speech<AdminTexts>("en", "en-US", "UTC", { "dashboard.points": "points" }, {});
const USD = { currency: "USD", decimals: 2 };

describe("a figure", () => {
  it("is a sum, a share or a number", () => {
    expect(sayFigure("revenue", 9656594, USD, speech)).toBe("$96,565.94");
    expect(sayFigure("average_daily_rate", 35243.4, USD, speech)).toBe("$352.43");
    expect(sayFigure("occupancy", 0.4462, USD, speech)).toBe("44.6%");
    expect(sayFigure("nights", 1274, USD, speech)).toBe("1,274");
  });

  it("is a dash where there is none", () => expect(sayFigure("occupancy", null, USD, speech)).toBe("–"));
});

describe("its change", () => {
  it("is better or worse, not up or down", () => {
    expect(changeOf("revenue", 122, 100, speech)).toEqual({ direction: 1, isBetter: true, text: "22%" });
    expect(changeOf("cancelled", 8, 4, speech)).toEqual({ direction: 1, isBetter: false, text: "100%" });
    expect(changeOf("no_show_rate", 0, 0.031, speech)).toMatchObject({ direction: -1, isBetter: true });
  });

  it("is nothing where there was nothing", () => {
    expect(changeOf("revenue", 5, 0, speech)).toBeNull();
    expect(changeOf("occupancy", null, 0.5, speech)).toBeNull();
  });
});

describe("a table for spreadsheets", () => {
  it("quotes what has to be, and runs nothing", () => {
    expect(csvOf([["a", 1, null], ['x "y", z', "=1+1", -5]])).toBe('a,1,\r\n"x ""y"", z",\'=1+1,-5\r\n');
  });
});
