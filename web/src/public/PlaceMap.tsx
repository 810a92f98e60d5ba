import { Suspense, useEffect, useRef, useState } from "react";

import { behind } from "@/public/behind";
import { tilesOf } from "@/public/map/tiles";
import type { Place } from "@/public/place";
import styles from "@/public/PlaceMap.module.css";

const Chart = behind(() => import("@/public/map/Chart"));
const TileMap = behind(() => import("@/public/map/TileMap"));

/** Where something is, once it comes near to what one sees: on tiles where the deployment has some, else drawn. */
export function PlaceMap({ places, rings = false }: { places: [Place, ...Place[]]; rings?: boolean }) {
  const frame = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(false);
  const [tiles, setTiles] = useState(() => tilesOf(document.documentElement.dataset));
  useEffect(() => {
    if (frame.current === null) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting === true && setNear(true), { rootMargin: "400px" });
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={frame} className={styles.map}>
      {isNear && (
        <Suspense fallback={null}>
          {tiles === null ? <Chart places={places} rings={rings} /> : <TileMap places={places} tiles={tiles} onFailed={() => setTiles(null)} />}
        </Suspense>
      )}
    </div>
  );
}
