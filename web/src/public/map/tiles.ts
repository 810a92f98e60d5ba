export interface Tiles {
  /** Where they are, with {z}, {x} and {y} in it. */
  template: string;
  /** Whom the makers of the map want to be named. */
  credits: string;
}

/** The tiles that the deployment has set up, as the server wrote them into the page; null where there are none. */
export function tilesOf(said: { mapTiles?: string | undefined; mapCredits?: string | undefined }): Tiles | null {
  const { mapTiles, mapCredits } = said;
  return mapTiles === undefined || mapCredits === undefined || !mapTiles.startsWith("https://") ? null : { template: mapTiles, credits: mapCredits };
}
