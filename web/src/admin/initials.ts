const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The first letters of the first and the last word: what stands for a person or a business where there is no room. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const chosen = words.length > 1 ? [words.at(0), words.at(-1)] : [words.at(0)];
  return chosen.map((word) => firstOf(word ?? "")).join("").toUpperCase() || "·";
}

function firstOf(word: string): string {
  for (const { segment } of letters.segment(word)) return segment;
  return "";
}
