/** The colours of a business, as its site information has them, made readable where they are not. */

const NAMES = ["text", "muted", "accent", "primary", "surface", "background", "on_primary"] as const;
const READABLE = 4.5; // WCAG 2.2, 1.4.3
const EASILY_READ = 7; // its enhanced contrast, 1.4.6
const STEPS = 40;
const SOFT = 0.17; // of --primary-soft in ui/tokens.css, which is mixed in another space

type Rgb = readonly [number, number, number];

const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];

/** The custom properties of `ui/tokens.css` for a theme. What it leaves out, or writes as no colour, is not among them. */
export function themeProperties(theme: Record<string, string>): Map<string, string> {
  const colours = new Map<string, Rgb>();
  for (const name of NAMES) {
    const colour = parse(theme[name] ?? "");
    if (colour !== null) colours.set(name, colour);
  }
  const make = (name: string, grounds: readonly Rgb[]): Rgb | undefined => {
    const colour = colours.get(name);
    const found = colour === undefined ? undefined : readable(colour, grounds);
    if (found !== undefined) colours.set(name, found);
    return found;
  };
  for (const name of ["background", "surface"]) {
    const colour = colours.get(name);
    if (colour !== undefined) colours.set(name, quiet(colour));
  }
  const background = colours.get("background");
  const own = colours.get("surface");
  // A text that stands on both needs both light, or both dark.
  if (background !== undefined && own !== undefined && isLight(background) !== isLight(own)) colours.set("surface", background);
  const grounds = ["background", "surface"].map((name) => colours.get(name)).filter((one) => one !== undefined);
  const primary = make("primary", grounds);
  const surface = colours.get("surface");
  // Chosen days stand on a breath of the primary colour.
  const soft = primary === undefined || surface === undefined ? [] : [mixed(surface, primary, SOFT)];
  make("accent", grounds);
  for (const name of ["text", "muted"]) make(name, [...grounds, ...soft]);
  const onPrimary = colours.get("on_primary");
  if (primary !== undefined && onPrimary !== undefined) colours.set("on_primary", readable(onPrimary, [primary]));
  return new Map([...colours].map(([name, colour]) => [`--t-${name.replace("_", "-")}`, hex(colour)]));
}

export function applyTheme(theme: Record<string, string>): void {
  const style = document.documentElement.style;
  for (const name of NAMES) style.removeProperty(`--t-${name.replace("_", "-")}`);
  for (const [name, value] of themeProperties(theme)) style.setProperty(name, value);
}

/** The colour itself, or so much darker (on dark grounds: lighter) that it can be read on all grounds. */
export function readable(colour: Rgb, grounds: readonly Rgb[]): Rgb {
  if (grounds.length === 0) return colour;
  const towards = grounds.every(isLight) ? BLACK : WHITE;
  for (let step = 0; step <= STEPS; step += 1) {
    const tried = mixed(colour, towards, step / STEPS);
    if (grounds.every((ground) => contrast(tried, ground) >= READABLE)) return tried;
  }
  return towards;
}

/** A ground on which neither black nor white is easily read is made lighter until black is. */
function quiet(colour: Rgb): Rgb {
  for (let step = 0; step <= STEPS; step += 1) {
    const tried = mixed(colour, WHITE, step / STEPS);
    if (Math.max(contrast(tried, BLACK), contrast(tried, WHITE)) >= EASILY_READ) return tried;
  }
  return WHITE;
}

function isLight(colour: Rgb): boolean {
  return contrast(colour, BLACK) > contrast(colour, WHITE);
}

/** WCAG 2.2: the ratio of the relative luminances of two colours, 1 to 21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [dark, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (bright + 0.05) / (dark + 0.05);
}

function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function mixed(colour: Rgb, other: Rgb, share: number): Rgb {
  return colour.map((value, index) => Math.round(value + ((other[index] ?? 0) - value) * share)) as unknown as Rgb;
}

export function parse(text: string): Rgb | null {
  const match = /^#([0-9a-f]{6})$/i.exec(text);
  if (match === null) return null;
  const value = Number.parseInt(match[1] ?? "", 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function hex(colour: Rgb): string {
  return `#${colour.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}
