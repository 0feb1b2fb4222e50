-- No identity number in clear in any words (I3, A7): 18 digits with a birth date and their check digit, nothing else beside.
-- Keys and hashes are passed over. What 15 digits say carries no check digit: those are kept out before they come here.
CREATE FUNCTION ground_names_identity(said text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT EXISTS (
    SELECT FROM regexp_matches(
             regexp_replace(translate(said, '０１２３４５６７８９Ｘｘ', '0123456789Xx'), '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}', ' ', 'g'),
             '(?<![0-9])([1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx])(?![0-9])',
             'g') AS m
     WHERE upper(right(m[1], 1)) = substr('10X98765432', 1 + (
             SELECT sum(substr(m[1], i, 1)::int * (ARRAY[7,9,10,5,8,4,2,1,6,3,7,9,10,5,8,4,2])[i])::int % 11
               FROM generate_series(1, 17) i), 1))
$$;
-- Short and simple, so that it is laid into the question itself: nearly every text ends here.
CREATE FUNCTION ground_holds_identity(said text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN length(said) > 17 AND said ~ '[0-9０-９]{17}' THEN ground_names_identity(said) ELSE false END
$$;

-- Every table with texts or JSON is walked, as the catalogue knows it; numbers that are given, not typed, are passed over.
CREATE FUNCTION ground_count_numbers_in_clear() RETURNS TABLE (checked bigint, violations bigint) LANGUAGE plpgsql STABLE AS $$
DECLARE
  part record;
  rows bigint;
  bad bigint;
BEGIN
  checked := 0;
  violations := 0;
  FOR part IN
    SELECT c.table_name, string_agg(format('ground_holds_identity(%I::text)', c.column_name), ' OR ') AS held
      FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
       AND c.data_type IN ('text', 'character varying', 'character', 'json', 'jsonb')
       AND (c.table_name, c.column_name) NOT IN (
         ('parties_organisation', 'credit_code'), ('assessment_certificate', 'number'), ('assessment_listing', 'number'),
         ('payment_statement_entry', 'reference'))
     GROUP BY 1
  LOOP
    EXECUTE format('SELECT count(*), count(*) FILTER (WHERE %s) FROM %I', part.held, part.table_name) INTO rows, bad;
    checked := checked + rows;
    violations := violations + bad;
  END LOOP;
  RETURN NEXT;
END $$;

-- The canonical JSON of a flat object, byte for byte as a decision's facts and a sheet's rows are hashed (M17, Z7).
CREATE FUNCTION ground_canonical(said jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT '{' || coalesce(string_agg(to_jsonb(key)::text || ':' || value::text, ',' ORDER BY key COLLATE "C"), '') || '}'
    FROM jsonb_each(said)
$$;
CREATE FUNCTION ground_sha256(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT encode(sha256(convert_to(said, 'UTF8')), 'hex')
$$;

-- What the law answered, bound to the facts and the law it rested on (M17).
CREATE FUNCTION subsidy_answer_digest(facts_digest text, law_digest text, outcome text, amount_fen bigint, answers jsonb)
  RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT ground_sha256(facts_digest || '|' || law_digest || '|' || outcome || '|' || amount_fen || '|' || ground_canonical(answers))
$$;
