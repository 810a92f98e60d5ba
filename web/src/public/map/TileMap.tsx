import "leaflet/dist/leaflet.css";

import { circleMarker, latLngBounds, map as createMap, type Map as LeafletMap, tileLayer } from "leaflet/dist/leaflet-src.esm.js";
import { useEffect, useEffectEvent, useRef, useState } from "react";

import type { Tiles } from "@/public/map/tiles";
import styles from "@/public/map/TileMap.module.css";
import type { Place } from "@/public/place";
import { useSpeech } from "@/texts/intl";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";

const CLOSEST = 17;
const MARGIN_PIXELS = 48;

interface Props {
  places: [Place, ...Place[]];
  tiles: Tiles;
  /** No tile came: something else has to stand here. */
  onFailed: () => void;
}

/**
 * A map of tiles, by Leaflet. Its own controls write markup, which the pages' policy forbids: these are ours.
 *
 * The wheel scrolls the page and not the map; the arrow keys move it.
 */
export default function TileMap({ places, tiles, onFailed }: Props) {
  const { text } = useSpeech();
  const frame = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<LeafletMap | null>(null);
  const fail = useEffectEvent(onFailed);
  const drawn = JSON.stringify(places);
  useEffect(() => {
    if (frame.current === null) return;
    const [first, ...others] = JSON.parse(drawn) as [Place, ...Place[]];
    const made = createMap(frame.current, { zoomControl: false, attributionControl: false, scrollWheelZoom: false });
    let came = false;
    tileLayer(tiles.template, { maxZoom: 19 })
      .on("tileload", () => {
        came = true;
      })
      .on("tileerror", () => {
        if (!came) fail();
      })
      .addTo(made);
    for (const place of others) marker(place, styles.dot, 6).addTo(made);
    marker(first, styles.pin, 9, true).addTo(made);
    made.fitBounds(latLngBounds([first, ...others].map(({ latitude, longitude }) => [latitude, longitude])), {
      padding: [MARGIN_PIXELS, MARGIN_PIXELS],
      maxZoom: others.length === 0 ? CLOSEST - 2 : CLOSEST,
    });
    setMap(made);
    return () => {
      made.remove();
    };
  }, [drawn, tiles.template]);
  return (
    <div className={styles.frame}>
      <div ref={frame} className={styles.map} role="application" aria-label={text("map.label", { name: places[0].name })} />
      <div className={styles.ways}>
        <Button kind="round" aria-label={text("map.in")} onClick={() => map?.zoomIn()}>
          <Icon name="plus" />
        </Button>
        <Button kind="round" aria-label={text("map.out")} onClick={() => map?.zoomOut()}>
          <Icon name="minus" />
        </Button>
      </div>
      <p className={styles.credits}>{tiles.credits}</p>
    </div>
  );
}

function marker({ latitude, longitude, name }: Place, className: string | undefined, radius: number, permanent = false) {
  const label = document.createElement("span");
  label.textContent = name;
  return circleMarker([latitude, longitude], { radius, className: className ?? "" }).bindTooltip(label, { permanent, direction: "top", offset: [0, -radius] });
}
