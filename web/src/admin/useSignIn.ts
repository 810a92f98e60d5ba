import { useState } from "react";

import { reasonOf } from "@/admin/Failed";
import { session } from "@/admin/session";
import { useThrottled } from "@/admin/useThrottled";
import { Refused } from "@/api/problems";
import { useWords } from "@/texts/admin";

interface Attempt {
  submit: (email: string, password: string) => Promise<void>;
  busy: boolean;
  /** Why it did not work; null before. */
  refusal: string | null;
  /** Seconds until it may be tried again. */
  left: number;
}

/** One try after the other to sign in: what is wrong is said, and too many tries have to wait. */
export function useSignIn(): Attempt {
  const speech = useWords();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [left, wait] = useThrottled();
  const submit = async (email: string, password: string) => {
    setBusy(true);
    setRefusal(null);
    try {
      await session.signIn(email, password);
    } catch (thrown) {
      if (thrown instanceof Refused && thrown.problem?.code === "too_many_attempts") wait(thrown.retryAfter);
      else if (thrown instanceof Refused && thrown.problem?.status === 401) setRefusal(speech.text("signin.wrong"));
      else setRefusal(reasonOf(thrown, speech));
    } finally {
      setBusy(false);
    }
  };
  return { submit, busy, left, refusal: left > 0 ? speech.text("signin.throttled", { seconds: left }) : refusal };
}
