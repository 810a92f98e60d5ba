import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";

import { Card } from "@/admin/Card";
import { api, ifMatch } from "@/admin/client";
import { Failed, reasonOf, Stale } from "@/admin/Failed";
import styles from "@/admin/Page.module.css";
import { SecretDialog } from "@/admin/SecretDialog";
import { useDesk } from "@/admin/tenant";
import { toasts } from "@/admin/toasts";
import { Toolbar } from "@/admin/Toolbar";
import { useWrite } from "@/admin/useWrite";
import { Deliveries } from "@/admin/webhooks/Deliveries";
import { Health } from "@/admin/webhooks/Health";
import { type Webhook, webhookQuery } from "@/admin/webhooks/queries";
import { WebhookDialog } from "@/admin/webhooks/WebhookDialog";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";
import { Bone, Skeleton } from "@/ui/Skeleton";

/** One webhook: how it does, what was sent, and what can be done about it. */
export function WebhookPage() {
  const { text } = useWords();
  const { tenant } = useDesk();
  const { webhook: id } = useParams({ from: "/$tenant/webhooks/$webhook" });
  const found = useQuery(webhookQuery(tenant, id));
  const [tested, setTested] = useState<string | null>(null);
  return (
    <>
      <Toolbar title={text("webhooks.one")}>
        <Link to="/$tenant/webhooks" params={{ tenant }}>
          {text("webhooks.back")}
        </Link>
      </Toolbar>
      <div className={styles.page}>
        {found.isError && found.data !== undefined && <Stale error={found.error} at={found.dataUpdatedAt} retry={() => void found.refetch()} />}
        {found.data !== undefined ? (
          <>
            <Endpoint webhook={found.data} onTested={setTested} />
            <Deliveries webhook={id} awaited={tested} />
          </>
        ) : found.isError ? (
          <Failed error={found.error} retry={() => void found.refetch()} />
        ) : (
          <Skeleton label={text("load.waiting")}>
            <Bone height="160px" />
          </Skeleton>
        )}
      </div>
    </>
  );
}

function Endpoint({ webhook, onTested }: { webhook: Webhook; onTested: (event: string) => void }) {
  const speech = useWords();
  const { text, instant } = speech;
  const { tenant, membership } = useDesk();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<"change" | "delete" | "rotate" | null>(null);
  const [opening, setOpening] = useState("");
  const [secret, setSecret] = useState<string | null>(null);
  const close = () => setAsked(null);
  const path = { tenant, webhook: webhook.id };
  const header = { "If-Match": ifMatch(webhook.version) };
  const test = useWrite(
    (_at: number, key) => () => api.POST("/v1/tenants/{tenant}/webhooks/{webhook}/test", { params: { path, header: { "Idempotency-Key": key } } }),
    ({ event_id }) => {
      toasts.say(text("webhooks.tested"));
      onTested(event_id);
    },
  );
  const enable = useWrite(
    (disabled: boolean) => () => api.PATCH("/v1/tenants/{tenant}/webhooks/{webhook}", { params: { path, header }, body: { disabled } }),
    ({ disabled_at }) => toasts.say(text(disabled_at === null ? "webhooks.on" : "webhooks.off")),
  );
  const rotate = useWrite(
    // Once for each time the dialog is opened: another rotation, later, is another request.
    ({ overlap_hours }: { overlap_hours: number; of: string }, key) => () =>
      api.POST("/v1/tenants/{tenant}/webhooks/{webhook}/rotate-secret", { params: { path, header: { "Idempotency-Key": key } }, body: { overlap_hours } }),
    (rotated) => {
      close();
      setSecret(rotated.secret);
    },
  );
  const remove = useWrite<null, unknown>(
    () => () => api.DELETE("/v1/tenants/{tenant}/webhooks/{webhook}", { params: { path, header } }),
    async () => {
      toasts.say(text("webhooks.deleted"));
      await navigate({ to: "/$tenant/webhooks", params: { tenant }, replace: true });
    },
  );
  const failed = test.error ?? enable.error;
  return (
    <Card title={webhook.url} aside={<Health webhook={webhook} />}>
      <div className={`${styles.inside} ${styles.form}`}>
        {failed !== null && <Notice kind="bad" title={reasonOf(failed, speech)} />}
        {webhook.disabled_because !== null && webhook.disabled_because !== "staff" && <Notice kind="bad" title={text(`webhooks.why.${webhook.disabled_because}`)} />}
        <p>
          {webhook.description !== "" && `${webhook.description} · `}
          {webhook.events.length === 0 ? text("webhooks.all") : speech.list(webhook.events)}
        </p>
        {webhook.previous_secret_until !== null && <p className="muted">{text("webhooks.overlap", { at: instant(webhook.previous_secret_until) })}</p>}
        <div className={styles.acts}>
          <Button busy={test.isPending} onClick={() => test.mutate(Date.now())}>
            {text("webhooks.test")}
          </Button>
          {membership.role === "owner" && (
            <>
              <Button onClick={() => setAsked("change")}>{text("webhooks.change")}</Button>
              <Button busy={enable.isPending} onClick={() => enable.mutate(webhook.disabled_because === null)}>
                {text(webhook.disabled_because === null ? "webhooks.disable" : "webhooks.enable")}
              </Button>
              <Button
                onClick={() => {
                  setOpening(crypto.randomUUID());
                  setAsked("rotate");
                }}
              >
                {text("webhooks.rotate")}
              </Button>
              <Button kind="danger" onClick={() => setAsked("delete")}>
                {text("webhooks.delete")}
              </Button>
            </>
          )}
        </div>
      </div>
      {asked === "change" && <WebhookDialog webhook={webhook} onClose={close} onMade={close} />}
      {asked === "rotate" && (
        <Dialog
          title={text("webhooks.rotate")}
          isOpen
          onClose={close}
          actions={
            <>
              <Button onClick={close}>{text("shell.cancel")}</Button>
              <Button busy={rotate.isPending} onClick={() => rotate.mutate({ overlap_hours: 0, of: opening })}>
                {text("webhooks.rotate.now")}
              </Button>
              <Button kind="primary" busy={rotate.isPending} onClick={() => rotate.mutate({ overlap_hours: 24, of: opening })}>
                {text("webhooks.rotate.day")}
              </Button>
            </>
          }
        >
          {rotate.isError && <Notice kind="bad" title={reasonOf(rotate.error, speech)} />}
          <p>{text("webhooks.rotate.hint")}</p>
        </Dialog>
      )}
      {asked === "delete" && (
        <Dialog
          title={text("webhooks.delete.title")}
          isOpen
          onClose={close}
          actions={
            <>
              <Button onClick={close}>{text("shell.cancel")}</Button>
              <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate(null)}>
                {text("webhooks.delete")}
              </Button>
            </>
          }
        >
          {remove.isError && <Notice kind="bad" title={reasonOf(remove.error, speech)} />}
          <p>{text("webhooks.delete.hint")}</p>
        </Dialog>
      )}
      {secret !== null && <SecretDialog title={text("webhooks.secret")} secret={secret} onClose={() => setSecret(null)} />}
    </Card>
  );
}
