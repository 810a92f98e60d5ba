-- Email addresses are kept, and compared, with their domain as the DNS has it: `bücher.example` is stored as
-- `xn--bcher-kva.example`. Those that were stored before that was so are brought to the same form: whoever signs in, is
-- invited or reserves again is found. A user whose address somebody else has in that form by now keeps the one they
-- have: an operator decides which of the two accounts stays.

-- Both functions are there for this session alone.
-- Bootstring with the parameters of Punycode (RFC 3492, 5 and 6.3), of a label that is not ASCII alone.
CREATE OR REPLACE FUNCTION pg_temp.punycode(label text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    digits constant text := 'abcdefghijklmnopqrstuvwxyz0123456789';
    codes integer [] := ARRAY(SELECT ascii(one) FROM regexp_split_to_table(label, '') AS one);
    encoded text := '';
    handled integer;
    basic integer;
    next_code integer := 128;
    least integer;
    delta integer := 0;
    bias integer := 72;
    threshold integer;
    rest integer;
    position integer;
    code integer;
BEGIN
    FOREACH code IN ARRAY codes LOOP
        IF code < 128 THEN
            encoded := encoded || chr(code);
        END IF;
    END LOOP;
    basic := length(encoded);
    handled := basic;
    IF basic > 0 THEN
        encoded := encoded || '-';
    END IF;
    WHILE handled < cardinality(codes) LOOP
        least := (SELECT min(one) FROM unnest(codes) AS one WHERE one >= next_code);
        delta := delta + (least - next_code) * (handled + 1);
        next_code := least;
        FOREACH code IN ARRAY codes LOOP
            IF code < next_code THEN
                delta := delta + 1;
            ELSIF code = next_code THEN
                rest := delta;
                position := 36;
                LOOP
                    threshold := greatest(1, least(26, position - bias));
                    EXIT WHEN rest < threshold;
                    encoded := encoded
                        || substr(digits, 1 + threshold + (rest - threshold) % (36 - threshold), 1);
                    rest := (rest - threshold) / (36 - threshold);
                    position := position + 36;
                END LOOP;
                encoded := encoded || substr(digits, 1 + rest, 1);
                rest := CASE WHEN handled = basic THEN delta / 700 ELSE delta / 2 END;
                rest := rest + rest / (handled + 1);
                bias := 0;
                WHILE rest > 455 LOOP
                    rest := rest / 35;
                    bias := bias + 36;
                END LOOP;
                bias := bias + 36 * rest / (rest + 38);
                delta := 0;
                handled := handled + 1;
            END IF;
        END LOOP;
        delta := delta + 1;
        next_code := next_code + 1;
    END LOOP;
    RETURN 'xn--' || encoded;
END
$$;

-- NULL for one that is as it should be, or cannot be.
CREATE OR REPLACE FUNCTION pg_temp.canonical_email(address text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    domain constant text := split_part(address, '@', -1);
    canonical text;
BEGIN
    IF octet_length(domain) = length(domain) THEN
        RETURN NULL;
    END IF;
    canonical := left(address, -length(domain)) || (
        SELECT
            string_agg(
                CASE WHEN octet_length(label.text) = length(label.text) THEN label.text ELSE pg_temp.punycode(label.text) END,
                '.' ORDER BY label.place
            )
        FROM regexp_split_to_table(lower(normalize(domain, NFKC)), '[.。]') WITH ORDINALITY AS label (text, place)
    );
    RETURN CASE WHEN length(canonical) <= 254 THEN canonical END;
END
$$;

-- By tenant, as row security shows them to their owner: that takes no lock that others wait for.
DO $$
DECLARE
    tenant uuid;
BEGIN
    FOR tenant IN SELECT id FROM tenants LOOP
        PERFORM set_config('app.tenant_id', tenant::text, true);
        UPDATE guests
        SET email = pg_temp.canonical_email(email), version = version + 1
        WHERE tenant_id = tenant AND pg_temp.canonical_email(email) IS NOT NULL;
        UPDATE invitations
        SET email = pg_temp.canonical_email(email)
        WHERE tenant_id = tenant AND pg_temp.canonical_email(email) IS NOT NULL;
    END LOOP;
    PERFORM set_config('app.tenant_id', '', true);
END
$$;

-- Row security would hide every row from their owner.
ALTER TABLE users NO FORCE ROW LEVEL SECURITY;

UPDATE users AS account
SET email = found.canonical, version = account.version + 1, updated_at = clock_now()
FROM (
    SELECT DISTINCT ON (pg_temp.canonical_email(old.email))
        old.id,
        pg_temp.canonical_email(old.email) AS canonical
    FROM users AS old
    LEFT JOIN users AS other ON pg_temp.canonical_email(old.email) = other.email
    WHERE pg_temp.canonical_email(old.email) IS NOT NULL AND other.id IS NULL
    ORDER BY pg_temp.canonical_email(old.email) ASC, old.created_at ASC
) AS found
WHERE account.id = found.id;

ALTER TABLE users FORCE ROW LEVEL SECURITY;
