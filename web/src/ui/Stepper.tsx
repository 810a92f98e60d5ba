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

/** A small number with a button on either side; at an end, its button says that it does nothing. */
export function Stepper({ value, min, max, label, fewer, more, onChange }: Props) {
  return (
    <div className={styles.stepper} role="group" aria-label={label}>
      <Button kind="round" aria-label={fewer} aria-disabled={value <= min} onClick={() => value > min && onChange(value - 1)}>
        <Icon name="minus" />
      </Button>
      <output aria-live="polite">{value}</output>
      <Button kind="round" aria-label={more} aria-disabled={value >= max} onClick={() => value < max && onChange(value + 1)}>
        <Icon name="plus" />
      </Button>
    </div>
  );
}
