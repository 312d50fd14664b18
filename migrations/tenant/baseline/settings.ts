/** What an organisation has set for itself: a row for each group of settings, which changes and is versioned as a whole. */
export const SETTINGS = [
  `CREATE TABLE "@tenant".settings (
    key text STORAGE PLAIN PRIMARY KEY CHECK (length(key) <= 100),
    value jsonb STORAGE PLAIN NOT NULL CHECK (pg_column_size(value) <= 4000),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CHECK (key <> 'search' OR coalesce(value->>'language' ~ '^[a-z]+$', false)),
    CHECK (key <> 'security' OR coalesce(value->>'secondFactor' IN ('optional', 'admins', 'required'), false))
  )`,
  `INSERT INTO "@tenant".settings (key, value) VALUES ('search', '{"language": "english"}'), ('security', '{"secondFactor": "optional"}')`,
];
