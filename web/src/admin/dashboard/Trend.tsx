import "uplot/dist/uPlot.min.css";

import { useEffect, useRef } from "react";
import UPlot from "uplot";

import { useIsDark } from "@/admin/look";

interface Props {
  label: string;
  names: { now: string; before: string };
  /** Of each step, in order. */
  steps: readonly string[];
  now: readonly (number | null)[];
  before: readonly (number | null)[];
  say: (value: number) => string;
}

const HEIGHT = 260;

/** Bars of the period with a line of the one before. The table below has the same figures for who does not see it. */
export default function Trend({ label, names, steps, now, before, say }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const isDark = useIsDark();
  useEffect(() => {
    const target = box.current;
    if (target === null) return undefined;
    const style = getComputedStyle(target);
    const [ink, grid, fill] = ["--muted", "--line", "--primary"].map((name) => style.getPropertyValue(name).trim());
    const axis = { stroke: ink ?? "", grid: { stroke: grid ?? "", width: 1 }, ticks: { show: false }, font: "12px sans-serif" };
    const chart = new UPlot(
      {
        width: target.clientWidth,
        height: HEIGHT,
        scales: { x: { time: false, range: [-0.6, steps.length - 0.4] }, y: { range: (_chart, _least, most) => [0, most > 0 ? most * 1.1 : 1] } },
        axes: [
          { ...axis, grid: { show: false }, values: (_chart, places) => places.map((place) => (Number.isInteger(place) ? (steps[place] ?? "") : "")) },
          { ...axis, size: 80, values: (_chart, values) => values.map(say) },
        ],
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, points: { show: false } },
        series: [
          {},
          { label: names.now, fill: fill ?? "", stroke: fill ?? "", width: 0, points: { show: false }, paths: UPlot.paths.bars?.({ size: [0.7, 48] }) ?? (() => null) },
          { label: names.before, stroke: ink ?? "", width: 1.5, dash: [4, 4], points: { show: false } },
        ],
      },
      [steps.map((_step, index) => index), [...now], [...before]],
      target,
    );
    const observer = new ResizeObserver(() => chart.setSize({ width: target.clientWidth, height: HEIGHT }));
    observer.observe(target);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [names.now, names.before, steps, now, before, say, isDark]);
  return <div ref={box} role="img" aria-label={label} />;
}
