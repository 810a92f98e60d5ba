import { useEffect, useState } from "react";

/** The value as it was once it had not changed for a while. */
export function useLate<Value>(value: Value, pauseMs: number): Value {
  const [late, setLate] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), pauseMs);
    return () => clearTimeout(timer);
  }, [value, pauseMs]);
  return late;
}
