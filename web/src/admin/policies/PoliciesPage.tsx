import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { Card } from "@/admin/Card";
import { Loaded } from "@/admin/Loaded";
import styles from "@/admin/Page.module.css";
import { modeOf } from "@/admin/policies/document";
import { policiesQuery } from "@/admin/policies/queries";
import { useDesk } from "@/admin/tenant";
import { Toolbar } from "@/admin/Toolbar";
import { useWords } from "@/texts/admin";

/** How is reserved: each policy with its mode, version and number of resources. */
export function PoliciesPage() {
  const { text } = useWords();
  const { tenant } = useDesk();
  const found = useQuery(policiesQuery(tenant));
  return (
    <>
      <Toolbar title={text("area.policies")} />
      <div className={styles.page}>
        <Card title={text("policies.all")}>
          <Loaded found={found} nothing={text("policies.empty")}>
            {(policy) => {
              const mode = modeOf(policy.document);
              return (
                <li key={policy.id}>
                  <span className={styles.main}>
                    <Link to="/$tenant/policies/$policy" params={{ tenant, policy: policy.slug }}>
                      <b dir="auto">{policy.name}</b>
                    </Link>
                    <span>{mode !== null && text(`policies.mode.${mode}`)}</span>
                  </span>
                  <span className="muted">
                    {text("policies.version", { version: policy.version })} · {text("policies.resources", { count: policy.resources })}
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
