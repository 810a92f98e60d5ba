import type { Refused } from "@/api/problems";
import { reasonOf } from "@/public/Failed";
import type { OwnSpeech } from "@/public/manage/words";
import { violationWords } from "@/public/violations";

/** Why a step of one's own reservation was refused, a line for each reason, in the language of the page where its code has words. */
export function againstOf(refused: Refused, speech: OwnSpeech): string {
  const { problem, kind } = refused;
  if (kind !== "refused" || problem === null) return reasonOf(refused, speech);
  const violations = problem.violations ?? [];
  if (violations.length > 0) return [...new Set(violations.map((one) => violationWords(one, speech)))].join("\n");
  if (problem.code === "invalid_transition" || problem.code === "version_mismatch") return speech.text("manage.refused.state");
  return reasonOf(refused, speech);
}
