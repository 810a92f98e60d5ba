import type { Amenities } from "@/texts/amenities";

export const en: Amenities = { a_level: "A level", gcse: "GCSE", wifi: "Wi-Fi", interpreters_booths: "Interpreters’ booths", power_at_seats: "Power at seats" };
