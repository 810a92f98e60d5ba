import { describe, expect, it } from "vitest";

import { shareOf } from "@/admin/calendar/share";

const day = (capacity: number, occupied: number, closed = 0, taken_elsewhere = 0) => shareOf({ capacity, occupied, closed, taken_elsewhere });

describe("how full a day is", () => {
  it("counts what is reserved of what can be", () => {
    expect(day(11, 9)).toBe(82);
    expect(day(11, 9, 1)).toBe(90);
    expect(day(11, 4, 2, 1)).toBe(50);
  });

  it("is nothing where nothing can be reserved", () => {
    expect(day(0, 0)).toBe(0);
    expect(day(4, 0, 4)).toBe(0);
  });

  it("is never more than all: a closure of the afternoon counts for the whole day", () => {
    expect(day(2, 2, 1)).toBe(100);
  });
});
