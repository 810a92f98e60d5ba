/** Line drawings of the areas and tools, 20 by 20, in the colour of the text beside them. */
const PATHS = {
  arrive: "M10 3v12M5 10.500l5 5 5-5",
  audit: "M10 3.200a6.8 6.8 0 1 1 0 13.600 6.8 6.8 0 0 1 0-13.600zM10 6v4.200l2.8 1.700",
  bell: "M5.500 13.500V9a4.5 4.5 0 0 1 9 0v4.500l1.500 1.500H4zM8.500 15a1.5 1.5 0 0 0 3 0",
  calendar: "M3 5.500h14v11H3zM3 8.500h14M7 3v3.500M13 3v3.500",
  catalogue: "m3 9.500 7-6 7 6M5 8.500V16h10V8.500M8.3 16v-4h3.4v4",
  closures: "M4 10a6 6 0 1 0 12 0 6 6 0 1 0-12 0M5.8 14.200l8.400-8.400",
  dashboard: "M3 16.500h14M5 13V9.500M10 13V4M15 13V7",
  depart: "M10 17V5M5 9.500l5-5 5 5",
  guests: "M10 3.800a3.2 3.2 0 1 1 0 6.4 3.2 3.2 0 0 1 0-6.400zM3.8 16.500c.8-3 3.2-4.500 6.2-4.500s5.4 1.500 6.2 4.500",
  jobs: "M4 6h12M4 10h12M4 14h7M14 13.500l1.500 1.500 3-3",
  keyboard: "M2.500 5.500h15v9h-15zM5.500 8.500h.1M8.500 8.500h.1M11.500 8.500h.1M14.500 8.500h.1M6.500 11.500h7",
  lock: "M5.500 9h9v7.500h-9zM7 9V6.500a3 3 0 0 1 6 0V9",
  members: "M7.500 4.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5zM2.500 15.500c.6-2.600 2.600-3.800 5-3.800s4.400 1.200 5 3.800M13.200 5a2.200 2.200 0 0 1 0 4.300M14.800 11.900c1.500.4 2.500 1.600 2.900 3.600",
  moon: "M16 11.900A7 7 0 0 1 8.100 4 7 7 0 1 0 16 11.900z",
  more: "M4.500 10h.1M10 10h.1M15.500 10h.1",
  policies: "M4 5.500h12M4 10h12M4 14.500h12M7.500 4v3M12.500 13v3",
  reservations: "M7 5h10M7 10h10M7 15h10M3.200 5h.1M3.200 10h.1M3.200 15h.1",
  search: "M8.800 3.400a5.400 5.400 0 1 1 0 10.800 5.400 5.400 0 0 1 0-10.800zM12.800 12.800l4 4",
  settings:
    "M10 7.400a2.6 2.6 0 1 1 0 5.200 2.6 2.6 0 0 1 0-5.200zM10 2.800v2.400M10 14.800v2.400M2.800 10h2.400M14.800 10h2.400M4.900 4.900l1.700 1.700M13.400 13.400l1.700 1.700M4.900 15.100l1.700-1.700M13.400 6.600l1.700-1.700",
  timeline: "M3 5h9M7 10h10M3 15h7",
  waitlist: "M5.500 3h9M5.500 17h9M6.500 3c0 3.500 3.500 4.500 3.500 7s-3.500 3.500-3.500 7M13.500 3c0 3.500-3.500 4.500-3.500 7s3.500 3.500 3.500 7",
  webhooks: "M10 3.500a3 3 0 0 1 2.600 4.500l2 4M10 3.500a3 3 0 0 0-2.600 4.500l-2.200 4M5.200 12a2.500 2.500 0 1 0 2.300 3.500H13M14.600 12a2.500 2.500 0 1 1-1.600 4.400",
} as const;

export type AdminIconName = keyof typeof PATHS;

export function AdminIcon({ name, size = 20 }: { name: AdminIconName; size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === "timeline" ? 3 : size < 16 ? 2.4 : 1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
