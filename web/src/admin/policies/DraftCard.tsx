import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { Card } from "@/admin/Card";
import { api, ask, ifMatch } from "@/admin/client";
import { reasonOf } from "@/admin/Failed";
import styles from "@/admin/Page.module.css";
import { parsed, written } from "@/admin/policies/document";
import own from "@/admin/policies/Policies.module.css";
import { type Document, findingsQuery, type Policy, sent } from "@/admin/policies/queries";
import { Simulated } from "@/admin/policies/Simulated";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { useWrite } from "@/admin/useWrite";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Notice } from "@/ui/Notice";

const PAUSE_MS = 400;

/** The next version as one types it: what prevents it, what it would have changed, and publishing it. */
export function DraftCard({ policy }: { policy: Policy }) {
  const speech = useWords();
  const { text } = speech;
  const { tenant } = useDesk();
  const [base, setBase] = useState(policy);
  const [draft, setDraft] = useState(() => written(policy.document));
  const [isAsked, setAsked] = useState(false);
  const settled = useSettled(draft);
  const document = parsed(settled);
  const findings = useQuery(findingsQuery(tenant, settled, document));
  const path = { tenant, policy: policy.slug };
  const simulation = useMutation({
    mutationFn: (wanted: Document) => ask(() => api.POST("/v1/tenants/{tenant}/policies/{policy}/simulate", { params: { path }, body: { document: sent(wanted) } })),
  });
  const publish = useWrite(
    (wanted: Document) => () =>
      api.POST("/v1/tenants/{tenant}/policies/{policy}/versions", {
        params: { path, header: { "If-Match": ifMatch(base.version) } },
        body: { document: sent(wanted) },
      }),
    (published: Policy) => {
      setBase(published);
      setDraft(written(published.document));
      setAsked(false);
      simulation.reset();
      toasts.say(text("policies.published", { version: published.version }));
    },
  );
  const isChanged = draft !== written(base.document);
  const isReady = isChanged && document !== null && draft === settled && findings.data?.valid === true;
  const errors = document === null ? [text("policies.no_json")] : (findings.data?.findings ?? []).map((one) => `${one.path}: ${one.message}`);
  const edit = (value: string) => {
    setDraft(value);
    simulation.reset();
  };
  return (
    <Card title={text("policies.draft")}>
      <div className={`${styles.inside} ${styles.form} ${own.draft}`}>
        {policy.version > base.version && (
          <Notice
            kind="bad"
            title={text("policies.newer", { version: policy.version })}
            choices={[
              { key: "keep", label: text("policies.keep", { version: policy.version }), onChoose: () => setBase(policy) },
              {
                key: "fresh",
                label: text("policies.fresh", { version: policy.version }),
                onChoose: () => {
                  setBase(policy);
                  edit(written(policy.document));
                },
              },
            ]}
          >
            <p>{text("policies.newer.hint")}</p>
          </Notice>
        )}
        <Field lines label={text("policies.json")} hint={text("policies.json.hint")} errors={errors} spellCheck={false} value={draft} onChange={({ target }) => edit(target.value)} />
        {findings.isError && <Notice kind="bad" title={reasonOf(findings.error, speech)} />}
        <div className={styles.acts}>
          <Button disabled={!isReady} busy={simulation.isPending} onClick={() => document !== null && simulation.mutate(document)}>
            {text("policies.simulate")}
          </Button>
          <Button kind="primary" disabled={!isReady || policy.version > base.version} onClick={() => setAsked(true)}>
            {text("policies.publish")}
          </Button>
        </div>
        {simulation.isError && <Notice kind="bad" title={reasonOf(simulation.error, speech)} />}
        {simulation.data !== undefined && <Simulated found={simulation.data} />}
      </div>
      <Dialog
        title={text("policies.publish.title", { version: base.version + 1 })}
        isOpen={isAsked}
        onClose={() => setAsked(false)}
        actions={
          <>
            <Button onClick={() => setAsked(false)}>{text("policies.back")}</Button>
            <Button kind="primary" disabled={!isReady} busy={publish.isPending} onClick={() => document !== null && publish.mutate(document)}>
              {text("policies.publish")}
            </Button>
          </>
        }
      >
        <p>{text("policies.publish.effect", { count: policy.resources })}</p>
        {publish.isError && <Notice kind="bad" title={reasonOf(publish.error, speech)} />}
      </Dialog>
    </Card>
  );
}

/** A text once it was left alone for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
