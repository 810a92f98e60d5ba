import type { Place } from "@/public/place";

/** What a chart needs to be drawn from coordinates alone: where points lie, its lines, its rings and its scale. */

export interface Point extends Place {
  x: number;
  y: number;
}

export interface Line {
  at: number;
  /** Degrees, negative in the south and the west. */
  degrees: number;
}

export interface Plan {
  /** The first place is the one that the chart is about. */
  points: Point[];
  meridians: Line[];
  parallels: Line[];
  metresPerPixel: number;
}

export interface Measure {
  metres: number;
  count: number;
  unit: "meter" | "kilometer" | "foot" | "mile";
}

const METRES_PER_DEGREE = 111_320;
const NEAR_METRES = 60_000;
const LEAST_METRES = 700;
const MARGIN = 56;
const LINE_PIXELS = 110;
/** Minutes of arc between two lines. */
const STEPS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60];
const FOOT = 0.3048;
const MILE = 1609.344;
const METRIC: Measure[] = [50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000].map((metres) =>
  metres < 1000 ? { metres, count: metres, unit: "meter" } : { metres, count: metres / 1000, unit: "kilometer" },
);
const IMPERIAL: Measure[] = [
  ...[200, 500, 1000].map((count): Measure => ({ metres: count * FOOT, count, unit: "foot" })),
  ...[0.25, 0.5, 1, 2, 5, 10, 20, 30].map((count): Measure => ({ metres: count * MILE, count, unit: "mile" })),
];

/** Where everything lies on a chart of a width and height in pixels; places far away from the first one are left out. */
export function planOf(places: [Place, ...Place[]], width: number, height: number): Plan {
  const [first] = places;
  const near = places.filter((place) => metresBetween(first, place) <= NEAR_METRES);
  const narrowing = Math.cos((first.latitude * Math.PI) / 180);
  const flat = near.map(({ latitude, longitude }) => ({
    east: (longitude - first.longitude) * narrowing * METRES_PER_DEGREE,
    north: (latitude - first.latitude) * METRES_PER_DEGREE,
  }));
  const [west, east] = [Math.min(...flat.map((one) => one.east)), Math.max(...flat.map((one) => one.east))];
  const [south, north] = [Math.min(...flat.map((one) => one.north)), Math.max(...flat.map((one) => one.north))];
  const metresPerPixel = Math.max(
    (east - west) / Math.max(width - 2 * MARGIN, 1),
    (north - south) / Math.max(height - 2 * MARGIN, 1),
    LEAST_METRES / Math.min(width, height),
  );
  const [middleEast, middleNorth] = [(west + east) / 2, (south + north) / 2];
  const x = (metresEast: number) => width / 2 + (metresEast - middleEast) / metresPerPixel;
  const y = (metresNorth: number) => height / 2 - (metresNorth - middleNorth) / metresPerPixel;
  const step = STEPS.find((minutes) => ((minutes / 60) * METRES_PER_DEGREE * narrowing) / metresPerPixel >= LINE_PIXELS) ?? 60;
  const ofX = (pixel: number) => first.longitude + (middleEast + (pixel - width / 2) * metresPerPixel) / (narrowing * METRES_PER_DEGREE);
  const ofY = (pixel: number) => first.latitude + (middleNorth - (pixel - height / 2) * metresPerPixel) / METRES_PER_DEGREE;
  return {
    points: near.map((place, index) => ({ ...place, x: x(flat[index]?.east ?? 0), y: y(flat[index]?.north ?? 0) })),
    meridians: multiples(ofX(0), ofX(width), step / 60).map((degrees) => ({
      degrees,
      at: x((degrees - first.longitude) * narrowing * METRES_PER_DEGREE),
    })),
    parallels: multiples(ofY(height), ofY(0), step / 60).map((degrees) => ({
      degrees,
      at: y((degrees - first.latitude) * METRES_PER_DEGREE),
    })),
    metresPerPixel,
  };
}

/** Two rings and a scale as people measure there: in miles in the United States and the United Kingdom. */
export function measuresOf(metresPerPixel: number, width: number, height: number, country: string | null): { scale: Measure; rings: Measure[] } {
  const all = country === "US" || country === "GB" ? IMPERIAL : METRIC;
  const fitting = (most: number) => all.filter(({ metres }) => metres / metresPerPixel <= most);
  const scale = fitting(Math.min(width / 4, 120)).at(-1) ?? all[0];
  const outer = fitting((Math.min(width, height) / 2) * 0.95).at(-1);
  const inner = outer === undefined ? undefined : all.filter(({ metres }) => metres <= outer.metres * 0.6).at(-1);
  const rings = [inner, outer].filter((ring) => ring !== undefined);
  if (scale === undefined) throw new Error("There are no measures.");
  return { scale, rings };
}

/** Such as 42° 54.0′, without its direction. */
export function degreesText(degrees: number, locale: string): string {
  const minutes = Math.round(Math.abs(degrees) * 600) / 10;
  const whole = Math.floor(minutes / 60);
  const part = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(minutes - whole * 60);
  return `${whole}° ${part}′`;
}

export interface Label {
  x: number;
  y: number;
  anchor: "start" | "middle" | "end";
}

const LETTER = 7;
const LINE_HEIGHT = 16;

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Where the name of each point stands, so that none covers another; null where there is no room for it. */
export function labelsOf(points: Point[], width: number, height: number): (Label | null)[] {
  const rose = box(width - 34, 36, 40, 60);
  const taken: Box[] = [rose, ...points.map(({ x, y }, index) => (index === 0 ? box(x, y - 14, 22, 32) : box(x, y, 12, 12)))];
  return points.map((point, index) => {
    const gap = index === 0 ? 16 : 10;
    const wide = Array.from(point.name).length * LETTER;
    const places: { label: Label; covers: Box }[] = [
      { label: { x: point.x + gap, y: point.y + 4, anchor: "start" }, covers: box(point.x + gap + wide / 2, point.y, wide, LINE_HEIGHT) },
      { label: { x: point.x - gap, y: point.y + 4, anchor: "end" }, covers: box(point.x - gap - wide / 2, point.y, wide, LINE_HEIGHT) },
      { label: { x: point.x, y: point.y + 22, anchor: "middle" }, covers: box(point.x, point.y + 18, wide, LINE_HEIGHT) },
      { label: { x: point.x, y: point.y - 14, anchor: "middle" }, covers: box(point.x, point.y - 18, wide, LINE_HEIGHT) },
    ];
    const free = places.find(
      ({ covers }) =>
        covers.left > 8 && covers.right < width - 8 && covers.top > 8 && covers.bottom < height - 8 && !taken.some((other) => meets(covers, other)),
    );
    if (free === undefined) return null;
    taken.push(free.covers);
    return free.label;
  });
}

function box(x: number, y: number, wide: number, high: number): Box {
  return { left: x - wide / 2, right: x + wide / 2, top: y - high / 2, bottom: y + high / 2 };
}

function meets(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

function metresBetween(one: Place, other: Place): number {
  const north = (other.latitude - one.latitude) * METRES_PER_DEGREE;
  const east = (other.longitude - one.longitude) * METRES_PER_DEGREE * Math.cos((one.latitude * Math.PI) / 180);
  return Math.hypot(north, east);
}

function multiples(from: number, until: number, step: number): number[] {
  const first = Math.ceil(from / step);
  const count = Math.min(Math.max(0, Math.floor(until / step) - first + 1), 40);
  return Array.from({ length: count }, (_, index) => (first + index) * step);
}
