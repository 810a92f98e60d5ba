import type { Schemas } from "@/api/client";

/** How many people a resource takes, as it and the rules of its policy say. */
export function partySizes({ max_party_size, policy }: Schemas["ResourceDetails"]): { min: number; max: number } {
  const limits = policy.rules.find(({ rule }) => rule === "party_size")?.parameters ?? {};
  const limit = (name: string, otherwise: number) => (typeof limits[name] === "number" ? limits[name] : otherwise);
  const max = Math.max(1, Math.min(max_party_size, limit("maximum", max_party_size)));
  return { min: Math.min(max, Math.max(1, limit("minimum", 1))), max };
}
