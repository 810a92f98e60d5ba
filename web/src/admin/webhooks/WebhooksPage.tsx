import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { Card } from "@/admin/Card";
import { Loaded } from "@/admin/Loaded";
import styles from "@/admin/Page.module.css";
import { SecretDialog } from "@/admin/SecretDialog";
import { useDesk } from "@/admin/tenant";
import { Toolbar } from "@/admin/Toolbar";
import { webhooksQuery } from "@/admin/webhooks/queries";
import { Health } from "@/admin/webhooks/Health";
import { WebhookDialog } from "@/admin/webhooks/WebhookDialog";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";

/** Where events are sent. Only owners change it. */
export function WebhooksPage() {
  const { text } = useWords();
  const { tenant, membership } = useDesk();
  const found = useQuery(webhooksQuery(tenant));
  const [isNew, setNew] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <>
      <Toolbar title={text("area.webhooks")}>
        <span className="push" />
        {membership.role === "owner" && (
          <Button kind="primary" onClick={() => setNew(true)}>
            {text("webhooks.new")}
          </Button>
        )}
      </Toolbar>
      <div className={styles.page}>
        <p className="muted">{text("webhooks.hint")}</p>
        <Card title={text("webhooks.list")}>
          <Loaded found={found} nothing={text("webhooks.none")}>
            {(one) => (
              <li key={one.id}>
                <span className={styles.main}>
                  <Link to="/$tenant/webhooks/$webhook" params={{ tenant, webhook: one.id }}>
                    <b>{one.url}</b>
                  </Link>
                  <span className="muted small">
                    {one.description !== "" && `${one.description} · `}
                    {one.events.length === 0 ? text("webhooks.all") : text("webhooks.some", { count: one.events.length })}
                  </span>
                </span>
                <Health webhook={one} />
              </li>
            )}
          </Loaded>
        </Card>
      </div>
      {isNew && (
        <WebhookDialog
          webhook={null}
          onClose={() => setNew(false)}
          onMade={(made) => {
            setNew(false);
            setSecret(made);
          }}
        />
      )}
      {secret !== null && <SecretDialog title={text("webhooks.secret")} secret={secret} onClose={() => setSecret(null)} />}
    </>
  );
}
