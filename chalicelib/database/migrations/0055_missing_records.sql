-- Proofs of domains are looked at again each day. A record may be missing for some days, as while a zone moves, before
-- the site is not shown under the domain any more; since when it is missing is kept meanwhile.
ALTER TABLE tenants ADD COLUMN domain_missing_since timestamptz;

COMMENT ON COLUMN tenants.domain_missing_since IS
'Since when the record of a proven domain is missing; null while it is there.';

GRANT UPDATE (
    domain_verified_at, domain_checked_at, domain_problem, domain_missing_since
) ON tenants TO berth_jobs;
