import { type SubmitEvent, useState } from "react";

import { api, call } from "@/api/client";
import { failureOf, messagesByField, type Refused } from "@/api/problems";
import { reasonOf } from "@/public/Failed";
import frame from "@/public/Frame.module.css";
import styles from "@/public/manage/Manage.module.css";
import { useOwnSpeech } from "@/public/manage/words";
import { useSite } from "@/public/site";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Notice } from "@/ui/Notice";

const FIELDS = ["code", "email"] as const;

/** What stands where a link opens nothing: another one, sent to the address that the reservation has. */
export function LostLink() {
  const site = useSite();
  const speech = useOwnSpeech();
  const { text } = speech;
  const [values, setValues] = useState({ code: "", email: "" });
  const [errors, setErrors] = useState<Map<string, string[]>>(new Map());
  const [refused, setRefused] = useState<Refused | null>(null);
  const [state, setState] = useState<"typing" | "sending" | "sent">("typing");

  const send = async () => {
    setState("sending");
    const body = { code: values.code.trim().toUpperCase(), email: values.email.trim() };
    try {
      await call(new AbortController().signal, async (signal) => {
        const answer = await api.POST("/v1/tenants/{tenant}/reservations/send-link", { params: { path: { tenant: site.slug } }, body, signal });
        return answer.response.ok ? { ...answer, data: true } : { response: answer.response, error: answer.error };
      });
      setState("sent");
    } catch (thrown) {
      const failure = failureOf(thrown);
      const of = failure?.kind === "refused" ? messagesByField(failure.problem, FIELDS) : new Map<string, string[]>();
      setErrors(of);
      setRefused(of.size > 0 && !of.has("") ? null : failure);
      setState("typing");
    }
  };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (state === "sending") return;
    const missing = FIELDS.filter((name) => values[name].trim() === "");
    setRefused(null);
    setErrors(new Map(missing.map((name) => [name, [text("book.required")]])));
    if (missing.length === 0) void send();
  };
  const field = (name: (typeof FIELDS)[number]) => ({
    name,
    value: values[name],
    errors: errors.get(name) ?? [],
    onChange: ({ target }: { target: { value: string } }) => setValues((before) => ({ ...before, [name]: target.value })),
  });
  return (
    <div className={`${frame.wrap} ${styles.lost}`}>
      <h1>{text("manage.lost")}</h1>
      <p>{text("manage.lost.hint")}</p>
      {state === "sent" ? (
        <Notice kind="ok" title={text("manage.sent", { email: values.email.trim() })}>
          <p>{text("manage.sent.hint")}</p>
        </Notice>
      ) : (
        <form className={styles.panel} onSubmit={submit} noValidate>
          {refused !== null && (
            <Notice kind="bad" title={text("manage.not_sent")}>
              <p>{reasonOf(refused, speech)}</p>
            </Notice>
          )}
          <Field label={text("manage.code")} hint={text("manage.code.hint")} autoComplete="off" maxLength={20} {...field("code")} />
          <Field label={text("book.email")} type="email" inputMode="email" autoComplete="email" maxLength={254} {...field("email")} />
          <Button kind="primary" type="submit" busy={state === "sending"} full>
            {text("manage.link")}
          </Button>
        </form>
      )}
    </div>
  );
}
