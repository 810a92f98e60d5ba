import type { Fact } from "@/public/facts";

/** What was chosen or reserved, as pairs of words; `className` says how the pairs stand. */
export function Facts({ facts, className }: { facts: Fact[]; className: string | undefined }) {
  return (
    <dl className={className}>
      {facts.map(({ label, value, aside, wide }) => (
        <div key={label} data-wide={wide === true || undefined}>
          <dt>{label}</dt>
          <dd>
            {value}
            {aside !== undefined && <small>{aside}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
