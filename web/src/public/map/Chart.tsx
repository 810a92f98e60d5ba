import { type RefObject, useEffect, useRef, useState } from "react";

import { degreesText, labelsOf, type Measure, measuresOf, planOf } from "@/public/map/chart";
import styles from "@/public/map/Chart.module.css";
import type { Place } from "@/public/place";
import { useSite } from "@/public/site";
import { type Speech, useSpeech } from "@/texts/intl";

const TICK = 3;

interface Props {
  /** The first place is the one that it is about. */
  places: [Place, ...Place[]];
  /** Rings of distance around the first place. */
  rings?: boolean;
}

/** A chart drawn from coordinates alone: it claims no street or shore that nobody told it. */
export default function Chart({ places, rings = false }: Props) {
  const speech = useSpeech();
  const { text, locale } = speech;
  const frame = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(frame);
  const [first] = places;
  return (
    <div ref={frame} className={styles.frame}>
      {width > 0 && height > 0 && (
        <svg className={styles.chart} width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={text("map.label", { name: first.name })}>
          <Drawing places={places} rings={rings} width={width} height={height} speech={speech} locale={locale} />
        </svg>
      )}
    </div>
  );
}

function Drawing({
  places,
  rings,
  width,
  height,
  speech,
  locale,
}: Required<Props> & { width: number; height: number; speech: Speech; locale: string }) {
  const plan = planOf(places, width, height);
  const { scale, rings: distances } = measuresOf(plan.metresPerPixel, width, height, useSite().address?.country ?? null);
  const [north = "N", south = "S", east = "E", west = "W"] = speech.text("map.winds").split(" ");
  const labels = labelsOf(plan.points, width, height);
  const [pin, ...dots] = plan.points;
  const wide = scale.metres / plan.metresPerPixel;
  const metres = (measure: Measure) =>
    new Intl.NumberFormat(locale, { style: "unit", unit: measure.unit, unitDisplay: "short" }).format(measure.count);
  return (
    <>
      <rect className={styles.ground} width={width} height={height} />
      {plan.meridians.map(({ at, degrees }) => (
        <path key={degrees} className={styles.line} d={`M${at} 0V${height}`} />
      ))}
      {plan.parallels.map(({ at, degrees }) => (
        <path key={degrees} className={styles.line} d={`M0 ${at}H${width}`} />
      ))}
      {plan.meridians
        .filter(({ at }) => at > 60 && at < width - wide - 70)
        .map(({ at, degrees }) => (
          <text key={degrees} className={styles.degrees} x={at} y={height - 12} textAnchor="middle">
            {`${degreesText(degrees, locale)} ${degrees < 0 ? west : east}`}
          </text>
        ))}
      {plan.parallels
        .filter(({ at }) => at > 30 && at < height - 40)
        .map(({ at, degrees }) => (
          <text key={degrees} className={styles.degrees} x={14} y={at + 4}>
            {`${degreesText(degrees, locale)} ${degrees < 0 ? south : north}`}
          </text>
        ))}
      <path className={styles.tick} d={ticks(width, height, plan.meridians, plan.parallels)} />
      {rings &&
        pin !== undefined &&
        distances.map((distance) => {
          const radius = distance.metres / plan.metresPerPixel;
          return (
            <g key={distance.metres}>
              <circle className={styles.ring} cx={pin.x} cy={pin.y} r={radius} />
              {pin.y - radius > 14 && radius > 60 && (
                <text className={styles.degrees} x={pin.x} y={pin.y - radius + 4} textAnchor="middle">
                  {metres(distance)}
                </text>
              )}
            </g>
          );
        })}
      <g transform={`translate(${width - 34} 44)`}>
        <circle className={styles.rose} r={14} />
        <path className={styles.needle} d="M0-18L4.500 0h-9z" />
        <path className={styles.rose} d="M0 18L4.500 0h-9z" />
        <text className={styles.degrees} y={-22} textAnchor="middle">
          {north}
        </text>
      </g>
      {dots.map(({ x, y }, index) => (
        <circle key={index} className={styles.dot} cx={x} cy={y} r={5} />
      ))}
      {pin !== undefined && (
        <>
          <path className={styles.pin} d={`M${pin.x} ${pin.y}c-3-7-11-12-11-20a11 11 0 0 1 22 0c0 8-8 13-11 20z`} />
          <circle className={styles.hole} cx={pin.x} cy={pin.y - 20} r={4} />
        </>
      )}
      {plan.points.map(({ name }, index) => {
        const label = labels[index];
        return label == null ? null : (
          <text key={index} className={styles.name} x={label.x} y={label.y} textAnchor={label.anchor}>
            {name}
          </text>
        );
      })}
      <path className={styles.scale} d={`M${width - 20 - wide} ${height - 20}v5h${wide}v-5`} />
      <text className={styles.degrees} x={width - 20 - wide / 2} y={height - 24} textAnchor="middle">
        {metres(scale)}
      </text>
    </>
  );
}

/** The frame of a chart: dark and light pieces in turn, from line to line. */
function ticks(width: number, height: number, meridians: { at: number }[], parallels: { at: number }[]): string {
  const across = pieces(meridians, width).map(([from, until], index) => `M${from} ${index % 2 === 0 ? 0 : height - TICK}h${until - from}v${TICK}H${from}z`);
  const down = pieces(parallels, height).map(([from, until], index) => `M${index % 2 === 0 ? 0 : width - TICK} ${from}h${TICK}V${until}h-${TICK}z`);
  return [...across, ...down].join("");
}

function pieces(lines: { at: number }[], end: number): [number, number][] {
  const inner = lines.map(({ at }) => at).sort((one, other) => one - other);
  const halves = [0, ...inner, end].flatMap((at, index, all) => {
    const next = all[index + 1];
    return next === undefined ? [at] : [at, (at + next) / 2];
  });
  return halves.slice(0, -1).map((at, index) => [at, halves[index + 1] ?? end]);
}

/** The size of an element in pixels, so that labels on the chart keep theirs. */
function useSize(element: RefObject<HTMLDivElement | null>): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    if (element.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setSize({ width: Math.round(entry.contentRect.width), height: Math.round(entry.contentRect.height) });
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return size;
}
