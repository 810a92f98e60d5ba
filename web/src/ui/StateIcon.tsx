import type { ReactNode } from "react";

const CROSS = <path d="m2.3 2.3 7.4 7.4m0-7.4L2.3 9.7" strokeWidth="1.8" />;

/** The signs of a reservation's states, 12 by 12, in the colour around them. */
const SIGNS = {
  held: (
    <>
      <circle cx="6" cy="6" r="5" />
      <path d="M6 1a5 5 0 0 1 5 5H6z" fill="currentColor" stroke="none" />
    </>
  ),
  pending: <circle cx="6" cy="6" r="4.8" strokeDasharray="1.9 1.9" strokeLinecap="butt" />,
  confirmed: <circle cx="6" cy="6" r="4.6" fill="currentColor" stroke="none" />,
  checked_in: <path d="M2.6 1.3 11 6l-8.4 4.7z" fill="currentColor" stroke="none" />,
  completed: <path d="m1.6 6.4 3 3 5.8-6.6" strokeWidth="1.9" />,
  no_show: (
    <>
      <circle cx="6" cy="6" r="4.7" />
      <path d="m2.8 9.2 6.4-6.4" />
    </>
  ),
  cancelled: CROSS,
  rejected: CROSS,
  expired: CROSS,
} as const satisfies Record<string, ReactNode>;

export type ReservationState = keyof typeof SIGNS;

export const STATES = Object.keys(SIGNS) as ReservationState[];

export function StateIcon({ state }: { state: ReservationState }) {
  return (
    <svg
      className="icon"
      width="12"
      height="12"
      viewBox="0 0 12 12"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {SIGNS[state]}
    </svg>
  );
}
