import { useEffect, useRef, useState } from "react";

import styles from "@/admin/guests/Guests.module.css";
import { useWords } from "@/texts/admin";

const PAUSE_MS = 250;

/** Searches as one types: each answer is for what stands here after a moment without a key. */
export function SearchField({ value, autoFocus = false, onSearch }: { value: string; autoFocus?: boolean; onSearch: (text: string) => void }) {
  const { text } = useWords();
  const [typed, setTyped] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <input
      className={styles.search}
      type="search"
      aria-label={text("guests.search")}
      placeholder={text("guests.search")}
      maxLength={100}
      autoFocus={autoFocus}
      value={typed}
      onChange={({ target }) => {
        setTyped(target.value);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => onSearch(target.value.trim()), PAUSE_MS);
      }}
    />
  );
}
