-- A tenant's own domain, under which its public site is shown once a DNS record proves it. Two tenants may want the same
-- name; only one can have proven it. The table has a row for each tenant, so the short lock does not matter:
-- squawk-ignore-file require-concurrent-index-creation
ALTER TABLE tenants
ADD COLUMN domain text,
ADD COLUMN domain_token text,
ADD COLUMN domain_verified_at timestamptz,
ADD COLUMN domain_checked_at timestamptz,
ADD COLUMN domain_problem text;

ALTER TABLE tenants ADD CONSTRAINT tenants_domain_is_whole CHECK (
    (domain IS NULL) = (domain_token IS NULL)
    AND (domain IS NOT NULL OR (domain_verified_at IS NULL AND domain_checked_at IS NULL AND domain_problem IS NULL))
    AND (domain_verified_at IS NULL OR domain_problem IS NULL)
) NOT VALID;
ALTER TABLE tenants ADD CONSTRAINT tenants_domain_is_a_host CHECK (
    domain ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$' AND length(domain) <= 253
) NOT VALID;

CREATE UNIQUE INDEX tenants_verified_domain ON tenants (domain) WHERE domain_verified_at IS NOT NULL;

COMMENT ON COLUMN tenants.domain IS 'As the DNS has it: A-labels in lower case.';
COMMENT ON COLUMN tenants.domain_token IS 'What the TXT record has to hold; public, as that record is.';
COMMENT ON COLUMN tenants.domain_problem IS 'Why the last check did not prove it: a code of tenants/model/domains.py.';
