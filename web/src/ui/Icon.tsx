/** Small line drawings, 20 by 20, in the colour of the text beside them. They say nothing that words do not. */
export const PATHS = {
  alert: "M10 3.2 18 16.800H2zM10 8v4M10 14.500v.1",
  arrive: "M8 3h8v14H8M3 10h8M8.5 7l3 3-3 3",
  bell: "M5 14V9a5 5 0 0 1 10 0v5l1.500 1.500h-13zM8.500 17.500h3",
  calendar: "M5 4h10a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zM3 8h14M7 2.500V5M13 2.500V5",
  check: "M4 10.5 8.2 15 16 6",
  chevron: "M5 7.500l5 5 5-5",
  clock: "M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM10 6v4l3 2",
  close: "M5 5l10 10M15 5 5 15",
  globe: "M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM3 10h14M10 3c4.5 4.5 4.5 9.5 0 14M10 3c-4.5 4.5-4.5 9.5 0 14",
  left: "M12.5 5l-5 5 5 5",
  mail: "M4.5 4.500h11a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-11a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2zM3 6l7 5 7-5",
  minus: "M5 10h10",
  people: "M8 4a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM2.5 17c0-3 2.5-5 5.5-5s5.5 2 5.5 5M13 4.300a3 3 0 0 1 0 5.400M15 12.400c1.6.8 2.6 2.4 2.6 4.6",
  phone: "M4 3h3l1.5 4-2 1.500a10 10 0 0 0 5 5l1.5-2 4 1.500v3a1.5 1.5 0 0 1-1.6 1.500C8.5 17 3 11.5 2.5 4.600A1.5 1.5 0 0 1 4 3z",
  pin: "M10 18s6-5.3 6-10A6 6 0 0 0 4 8c0 4.7 6 10 6 10zM10 5.800a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.400z",
  plus: "M10 5v10M5 10h10",
  right: "M7.5 5l5 5-5 5",
} as const;

/** They point along the line, to where one reads from or to. */
const ALONG = new Set<IconName>(["arrive", "left", "right"]);

export type IconName = keyof typeof PATHS;

export function Icon({ name, small = false }: { name: IconName; small?: boolean }) {
  const size = small ? 16 : 20;
  return (
    <svg
      className={ALONG.has(name) ? "icon along" : "icon"}
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
