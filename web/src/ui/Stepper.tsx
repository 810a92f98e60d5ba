import { useState } from "react";

import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import styles from "@/ui/Stepper.module.css";

interface Props {
  value: number;
  min: number;
  max: number;
  /** What is counted, for who does not see the heading beside it. */
  label: string;
  fewer: string;
  more: string;
  onChange: (value: number) => void;
}

const FEW = 20;

/** A number with a button on either side; at an end, its button says that it does nothing. Where many are possible it is typed. */
export function Stepper({ value, min, max, label, fewer, more, onChange }: Props) {
  return (
    <div className={styles.stepper} role="group" aria-label={label}>
      <Button kind="round" aria-label={fewer} aria-disabled={value <= min} onClick={() => value > min && onChange(value - 1)}>
        <Icon name="minus" />
      </Button>
      {max - min > FEW ? (
        <Typed key={value} value={value} min={min} max={max} label={label} onChange={onChange} />
      ) : (
        <output aria-live="polite">{value}</output>
      )}
      <Button kind="round" aria-label={more} aria-disabled={value >= max} onClick={() => value < max && onChange(value + 1)}>
        <Icon name="plus" />
      </Button>
    </div>
  );
}

/** What is typed counts once one leaves the field or presses Enter: 1 is not wanted on the way to 120. */
function Typed({ value, min, max, label, onChange }: Pick<Props, "value" | "min" | "max" | "label" | "onChange">) {
  const [typed, setTyped] = useState(String(value));
  const settle = () => {
    const wanted = Math.round(Number(typed));
    const next = typed.trim() === "" || Number.isNaN(wanted) ? value : Math.min(max, Math.max(min, wanted));
    setTyped(String(next));
    if (next !== value) onChange(next);
  };
  return (
    <input
      type="text"
      inputMode="numeric"
      aria-label={label}
      value={typed}
      maxLength={6}
      onChange={({ target }) => setTyped(target.value)}
      onBlur={settle}
      onKeyDown={({ key }) => key === "Enter" && settle()}
    />
  );
}
