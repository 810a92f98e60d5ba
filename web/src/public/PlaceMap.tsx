import { Suspense, useEffect, useRef, useState } from "react";

import { behind } from "@/public/behind";
import type { Place } from "@/public/place";
import styles from "@/public/PlaceMap.module.css";

const Chart = behind(() => import("@/public/map/Chart"));

/** Where something is; drawn once it comes near to what one sees. */
export function PlaceMap({ places, rings = false }: { places: [Place, ...Place[]]; rings?: boolean }) {
  const frame = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(false);
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
          <Chart places={places} rings={rings} />
        </Suspense>
      )}
    </div>
  );
}
