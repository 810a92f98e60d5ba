import { useSpeech } from "@/texts/intl";

/** Where the clocks are that the times stand for; only where the guest's show another time. */
export function ZoneNote({ at }: { at: string }) {
  const { text, zoneName, isElsewhere } = useSpeech();
  if (!isElsewhere(at)) return null;
  return <p className="small muted">{text("when.zone", { zone: zoneName() })}</p>;
}
