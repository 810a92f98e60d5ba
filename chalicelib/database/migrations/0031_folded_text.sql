-- What names are compared by: "zoe" finds "Zoë", however either is composed. Texts in ASCII, which most are, cost no more
-- than lower().
CREATE FUNCTION fold_text(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN octet_length(value) = length(value) THEN lower(value)
    ELSE regexp_replace(
        translate(
            replace(replace(replace(lower(normalize(value, NFKD)), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'øłđðþı', 'olddti'
        ),
        '[\u0300-\u036f]', '', 'g'
    )
END;

COMMENT ON FUNCTION fold_text(text) IS
'Lower case without accents (Unicode form NFKD less its combining marks); the same on every version of Postgres.';
