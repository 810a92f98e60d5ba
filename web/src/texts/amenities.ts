/** Names of what resources have, by the codes that the API gives: a business chooses these freely, some are well known. */
export type Amenities = Record<string, string>;

/** The name of an amenity; a code that nobody translated is written out, such as `hot_tub`: Hot tub. */
export function amenityName(code: string, names: Amenities): string {
  if (Object.hasOwn(names, code)) return names[code] ?? code;
  const words = code.replaceAll(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
