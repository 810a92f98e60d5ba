-- What is sent to webhooks: where to, signed by which secrets, and what became of it. Only jobs may read secrets.

-- name: disable_webhook
UPDATE webhooks SET
    disabled_because = %(because)s,
    disabled_at = clock_now(),
    version = version + 1,
    updated_at = clock_now()
WHERE tenant_id = current_tenant_id() AND id = %(id)s AND disabled_at IS NULL;

-- name: read_for_sending
SELECT
    webhook.url,
    webhook.disabled_at,
    ARRAY(
        SELECT secret.secret
        FROM webhook_secrets AS secret
        WHERE
            secret.tenant_id = webhook.tenant_id
            AND secret.webhook_id = webhook.id
            AND (secret.expires_at IS NULL OR secret.expires_at > clock_now())
        ORDER BY secret.id DESC
    ) AS secrets
FROM webhooks AS webhook
WHERE webhook.tenant_id = current_tenant_id() AND webhook.id = %(id)s;

-- name: list_enabled
-- Over all tenants that have events on their way.
SELECT
    webhook.tenant_id,
    webhook.id,
    webhook.event_types
FROM webhooks AS webhook
WHERE webhook.tenant_id = ANY(%(tenant_ids)s::uuid[]) AND webhook.disabled_at IS NULL
ORDER BY webhook.id;

-- name: add_attempt
-- What is sent is said by the event; of the answer only its status is kept.
INSERT INTO webhook_attempts (tenant_id, id, delivery_id, number, status, failure, duration_ms, attempted_at)
SELECT
    delivery.tenant_id,
    %(id)s,
    delivery.id,
    %(number)s,
    %(status)s,
    %(failure)s,
    %(duration_ms)s,
    clock_now()
FROM deliveries AS delivery
WHERE delivery.tenant_id = current_tenant_id() AND delivery.id = %(delivery_id)s;

-- name: read_failing_since
SELECT resting.failing_since
FROM resting_targets AS resting
WHERE resting.tenant_id = current_tenant_id() AND resting.target_id = %(id)s;
