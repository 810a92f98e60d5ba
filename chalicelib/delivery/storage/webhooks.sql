-- Webhooks, their secrets, and the log of what was sent to them.

-- name: list_webhooks
SELECT
    webhook.id,
    webhook.url,
    webhook.description,
    webhook.event_types,
    webhook.version,
    webhook.disabled_because,
    webhook.disabled_at,
    resting.failing_since,
    (
        SELECT max(secret.expires_at)
        FROM webhook_secrets AS secret
        WHERE
            secret.tenant_id = webhook.tenant_id
            AND secret.webhook_id = webhook.id
            AND secret.expires_at > clock_now()
    ) AS previous_secret_until,
    webhook.created_at,
    webhook.updated_at
FROM webhooks AS webhook
LEFT JOIN resting_targets AS resting ON webhook.tenant_id = resting.tenant_id AND webhook.id = resting.target_id
WHERE
    webhook.tenant_id = current_tenant_id()
    AND (%(id)s::uuid IS NULL OR webhook.id = %(id)s)
    AND (%(after)s::uuid IS NULL OR webhook.id > %(after)s)
ORDER BY webhook.id
LIMIT %(limit)s;

-- name: count_webhooks
SELECT count(*) AS webhooks
FROM webhooks AS webhook
WHERE webhook.tenant_id = current_tenant_id();

-- name: add_webhook
INSERT INTO webhooks (tenant_id, id, url, description, event_types, created_at, updated_at)
VALUES (current_tenant_id(), %(id)s, %(url)s, %(description)s, %(event_types)s, clock_now(), clock_now());

-- name: change_webhook
UPDATE webhooks SET
    url = %(url)s,
    description = %(description)s,
    event_types = %(event_types)s,
    disabled_because = %(disabled_because)s,
    disabled_at = CASE WHEN %(disabled_because)s::text IS NOT NULL THEN coalesce(disabled_at, clock_now()) END,
    version = version + 1,
    updated_at = clock_now()
WHERE tenant_id = current_tenant_id() AND id = %(id)s AND version = %(version)s;

-- name: delete_webhook
DELETE FROM webhooks
WHERE tenant_id = current_tenant_id() AND id = %(id)s;

-- name: add_secret
INSERT INTO webhook_secrets (tenant_id, webhook_id, id, secret, created_at)
VALUES (current_tenant_id(), %(webhook_id)s, %(id)s, %(secret)s, clock_now());

-- name: expire_secrets
-- Of those that are valid only the latest stays so for a while: a webhook has two at most.
UPDATE webhook_secrets AS secret
SET
    expires_at = CASE
        WHEN secret.expires_at IS NULL THEN clock_now() + make_interval(hours => %(overlap_hours)s)
        ELSE clock_now()
    END
WHERE
    secret.tenant_id = current_tenant_id()
    AND secret.webhook_id = %(webhook_id)s
    AND (secret.expires_at IS NULL OR secret.expires_at > clock_now());

-- name: remove_expired_secrets
DELETE FROM webhook_secrets
WHERE tenant_id = current_tenant_id() AND webhook_id = %(webhook_id)s AND expires_at <= clock_now();

-- name: wake_webhook
DELETE FROM resting_targets
WHERE tenant_id = current_tenant_id() AND target_id = %(id)s;

-- name: list_deliveries
-- The latest first, each with its last attempt.
SELECT
    delivery.id,
    delivery.target_id AS webhook_id,
    delivery.event_id,
    event.type,
    event.entity_kind,
    event.entity_id,
    delivery.outcome,
    delivery.attempts,
    delivery.next_attempt_at,
    delivery.created_at,
    delivery.settled_at,
    attempt.number,
    attempt.status,
    attempt.failure,
    attempt.duration_ms,
    attempt.attempted_at
FROM deliveries AS delivery
INNER JOIN events AS event ON delivery.tenant_id = event.tenant_id AND delivery.event_id = event.id
LEFT JOIN LATERAL (
    SELECT
        last.number,
        last.status,
        last.failure,
        last.duration_ms,
        last.attempted_at
    FROM webhook_attempts AS last
    WHERE last.tenant_id = delivery.tenant_id AND last.delivery_id = delivery.id
    ORDER BY last.id DESC
    LIMIT 1
) AS attempt
    ON true
WHERE
    delivery.tenant_id = current_tenant_id()
    AND delivery.target_id = %(webhook_id)s
    AND (%(id)s::uuid IS NULL OR delivery.id = %(id)s)
    AND (%(before)s::uuid IS NULL OR delivery.id < %(before)s)
    AND (
        %(state)s::text IS NULL
        OR %(state)s = CASE
            WHEN delivery.outcome IS NULL THEN 'pending'
            WHEN delivery.outcome = 'dead' THEN 'undelivered'
            ELSE delivery.outcome
        END
    )
ORDER BY delivery.id DESC
LIMIT %(limit)s;

-- name: list_attempts
SELECT
    attempt.number,
    attempt.status,
    attempt.failure,
    attempt.duration_ms,
    attempt.attempted_at
FROM webhook_attempts AS attempt
WHERE attempt.tenant_id = current_tenant_id() AND attempt.delivery_id = %(delivery_id)s
ORDER BY attempt.id DESC
LIMIT %(limit)s;

-- name: read_delivered_event
SELECT
    tenant.slug AS tenant,
    event.id,
    event.type,
    event.entity_kind,
    event.entity_id,
    event.actor_kind,
    event.actor_id,
    event.before,
    event.after,
    event.occurred_at
FROM deliveries AS delivery
INNER JOIN events AS event ON delivery.tenant_id = event.tenant_id AND delivery.event_id = event.id
INNER JOIN tenants AS tenant ON delivery.tenant_id = tenant.id
WHERE
    delivery.tenant_id = current_tenant_id() AND delivery.target_id = %(webhook_id)s AND delivery.id = %(delivery_id)s;

-- name: replay_delivery
-- As if it had never been tried. While an attempt is being made, its next one is the replay.
UPDATE deliveries SET
    outcome = NULL,
    settled_at = NULL,
    attempts = CASE WHEN leased_until > clock_now() THEN attempts ELSE 0 END,
    created_at = clock_now(),
    next_attempt_at = CASE WHEN leased_until > clock_now() THEN next_attempt_at ELSE clock_now() END
WHERE tenant_id = current_tenant_id() AND target_id = %(webhook_id)s AND id = %(delivery_id)s;
