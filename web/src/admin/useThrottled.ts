import { useCallback, useEffect, useState } from "react";

/** Counts down seconds in which nothing is tried; 0 when it may be. */
export function useThrottled(): [number, (seconds: number) => void] {
  const [until, setUntil] = useState(0);
  const [left, setLeft] = useState(0);
  const isWaiting = left > 0;
  const wait = useCallback((seconds: number) => {
    setUntil(performance.now() + seconds * 1000);
    setLeft(seconds);
  }, []);
  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setInterval(() => setLeft(Math.max(0, Math.ceil((until - performance.now()) / 1000))), 1000);
    return () => clearInterval(timer);
  }, [until, isWaiting]);
  return [left, wait];
}
