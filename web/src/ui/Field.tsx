import { type InputHTMLAttributes, type TextareaHTMLAttributes, useId } from "react";

import styles from "@/ui/Field.module.css";
import { Icon } from "@/ui/Icon";

interface Words {
  label: string;
  /** Said after the label, such as "optional". */
  aside?: string;
  hint?: string;
  /** What is wrong with it, at the field itself. */
  errors?: readonly string[];
}

type InputAttributes = InputHTMLAttributes<HTMLInputElement>;
type LinesAttributes = TextareaHTMLAttributes<HTMLTextAreaElement>;

/** A text that is typed in: one line, or several. Its hint and its errors are read with it. */
export function Field({
  label,
  aside,
  hint,
  errors = [],
  lines = false,
  ...rest
}: Words & (({ lines: true } & LinesAttributes) | ({ lines?: false } & InputAttributes))) {
  const id = useId();
  const described = [hint === undefined ? "" : `${id}-hint`, errors.length > 0 ? `${id}-errors` : ""].filter(Boolean).join(" ");
  const shared = { id, "aria-invalid": errors.length > 0 || undefined, "aria-describedby": described === "" ? undefined : described };
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label} {aside !== undefined && <span>({aside})</span>}
      </label>
      {lines ? <textarea {...shared} {...(rest as LinesAttributes)} /> : <input {...shared} {...(rest as InputAttributes)} />}
      {hint !== undefined && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
      {errors.length > 0 && (
        <div id={`${id}-errors`}>
          {errors.map((error) => (
            <p key={error} className={styles.error}>
              <Icon name="alert" small />
              {error}
            </p>
          ))}
        </div>
      )}
    </div>
  );
}
