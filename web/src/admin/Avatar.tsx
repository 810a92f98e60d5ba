import styles from "@/admin/Avatar.module.css";
import { initialsOf } from "@/admin/initials";

/** A person by their initials; `lock` where they are editing what one looks at. */
export function Avatar({ name, kind = "plain" }: { name: string; kind?: "plain" | "me" | "lock" }) {
  return (
    <span className={`${styles.avatar} ${styles[kind] ?? ""}`} title={name} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}
