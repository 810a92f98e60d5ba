import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";

import { MANAGERS } from "@/admin/access";
import { Card } from "@/admin/Card";
import { Failed } from "@/admin/Failed";
import { Loaded } from "@/admin/Loaded";
import styles from "@/admin/Page.module.css";
import { changedMembers, written } from "@/admin/policies/document";
import { DraftCard } from "@/admin/policies/DraftCard";
import own from "@/admin/policies/Policies.module.css";
import { policyQuery, versionsQuery } from "@/admin/policies/queries";
import { useDesk } from "@/admin/tenant";
import { Toolbar } from "@/admin/Toolbar";
import { useWords } from "@/texts/admin";
import { Bone, Skeleton } from "@/ui/Skeleton";

/** One policy: a draft of its next version for who may publish it, and all versions with what changed. */
export function PolicyPage() {
  const { text, list, instant } = useWords();
  const { tenant, membership } = useDesk();
  const { policy: slug } = useParams({ from: "/$tenant/policies/$policy" });
  const policy = useQuery(policyQuery(tenant, slug));
  const versions = useQuery(versionsQuery(tenant, slug));
  const items = versions.data?.items ?? [];
  if (policy.data === undefined) {
    return (
      <div className={styles.page}>
        {policy.isError ? (
          <Failed error={policy.error} retry={() => void policy.refetch()} />
        ) : (
          <Skeleton label={text("load.waiting")}>
            <Bone height="72px" />
          </Skeleton>
        )}
      </div>
    );
  }
  return (
    <>
      <Toolbar title={policy.data.name}>
        <span className="muted">
          {text("policies.version", { version: policy.data.version })} · {text("policies.resources", { count: policy.data.resources })}
        </span>
      </Toolbar>
      <div className={styles.page}>
        {MANAGERS.includes(membership.role) && <DraftCard key={slug} policy={policy.data} />}
        <Card title={text("policies.versions")}>
          <Loaded found={versions} nothing={text("policies.empty")}>
            {(version) => {
              const before = items.find((one) => one.version === version.version - 1);
              const changed = before === undefined ? [] : changedMembers(before.document, version.document);
              return (
                <li key={version.version}>
                  <span className={styles.main}>
                    <b>{text("policies.version", { version: version.version })}</b>
                    <span className="muted">{instant(version.published_at, { dateStyle: "medium", timeStyle: "short" })}</span>
                    {changed.length > 0 && <span>{text("policies.changed", { members: list(changed) })}</span>}
                    <details>
                      <summary>{text("policies.document", { version: version.version })}</summary>
                      <pre className={own.document} tabIndex={0}>
                        {written(version.document)}
                      </pre>
                    </details>
                  </span>
                </li>
              );
            }}
          </Loaded>
        </Card>
      </div>
    </>
  );
}
