/** Something that has a place on the earth. */
export interface Place {
  latitude: number;
  longitude: number;
  name: string;
}

/** The coordinates of a place as the API gives them, where it gives any. */
export function placeOf(location: Record<string, unknown> | { latitude: number; longitude: number } | null | undefined, name: string): Place | null {
  if (location == null) return null;
  const { latitude, longitude } = location as Record<string, unknown>;
  const isPlace = typeof latitude === "number" && typeof longitude === "number" && Math.abs(latitude) < 85 && Math.abs(longitude) <= 180;
  return isPlace ? { latitude, longitude, name } : null;
}
