export const reserve = {
  "reserve.choose": "Choose",
  "reserve.day": "Day",
  "reserve.slots": "Times",
  "reserve.slots.none": "Nothing begins on this day.",
  "reserve.known": "Was here before:",
  "reserve.free": "Free, {price}",
  "reserve.full": "This is taken.",
  "reserve.canwait": "It can be waited for.",
  "reserve.wait": "Put on the waitlist",
  "reserve.waits": "{guest} waits now, number {place} in the queue.",
  "reserve.open": "Show",
} as const;
