import { type SelectHTMLAttributes, useId } from "react";

import styles from "@/ui/Field.module.css";

export interface Option {
  value: string;
  label: string;
}

interface Props extends Omit<SelectHTMLAttributes<HTMLSelectElement>, "onChange"> {
  label: string;
  options: Option[];
  /** What stands there while nothing is chosen. */
  blank: string;
  onChange: (value: string) => void;
}

/** One of several, by the browser's own list: on a phone a wheel, with the keyboard a letter. */
export function Select({ label, options, blank, value, onChange, ...rest }: Props) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      <select id={id} value={value} onChange={({ target }) => onChange(target.value)} {...rest}>
        {(value === "" || value === undefined) && <option value="">{blank}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}
