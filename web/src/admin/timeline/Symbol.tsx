/** Small drawings of the tape, 12 by 12; they say nothing that words do not. */
const PATHS = {
  down: "m3 4.5 3 3 3-3",
  right: "m4.5 3 3 3-3 3",
  people: "M6 1.6a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.400zM1.800 11c.3-2.7 1.9-4 4.2-4s3.9 1.3 4.2 4z",
  check: "m1.6 6.4 3 3 5.8-6.6",
  no: "M6 1.300a4.7 4.7 0 1 1 0 9.4 4.7 4.7 0 0 1 0-9.400zM2.800 9.200l6.400-6.400",
} as const;

export function Symbol({ name }: { name: keyof typeof PATHS }) {
  const isFilled = name === "people";
  return (
    <svg className="icon" width="12" height="12" viewBox="0 0 12 12" fill={isFilled ? "currentColor" : "none"} stroke={isFilled ? "none" : "currentColor"} strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
