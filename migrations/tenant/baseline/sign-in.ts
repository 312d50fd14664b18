/** What people prove themselves with, and tokens of mails and sign-ins. */
export const SIGN_IN = [
  `CREATE TABLE "@tenant".passwords (
    user_id uuid PRIMARY KEY REFERENCES "@tenant".users ON DELETE CASCADE,
    hash text STORAGE PLAIN NOT NULL CHECK (length(hash) <= 500),
    short boolean NOT NULL DEFAULT false,
    changed_at timestamptz(3) NOT NULL DEFAULT now(),
    disabled_at timestamptz(3),
    unlocked_at timestamptz(3)
  )`,
  `COMMENT ON COLUMN "@tenant".passwords.short IS 'long enough only beside a second factor'`,
  `CREATE TABLE "@tenant".totp_secrets (
    user_id uuid PRIMARY KEY REFERENCES "@tenant".users ON DELETE CASCADE,
    secret text STORAGE PLAIN NOT NULL CHECK (length(secret) <= 1000),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    confirmed_at timestamptz(3),
    last_step bigint NOT NULL DEFAULT 0
  )`,
  `COMMENT ON COLUMN "@tenant".totp_secrets.secret IS 'base32, AES-256-GCM under ENCRYPTION_KEY'`,
  `CREATE TABLE "@tenant".recovery_codes (
    user_id uuid NOT NULL REFERENCES "@tenant".users ON DELETE CASCADE,
    hash bytea STORAGE PLAIN NOT NULL,
    used_at timestamptz(3),
    PRIMARY KEY (user_id, hash)
  )`,
  `CREATE TABLE "@tenant".passkeys (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES "@tenant".users ON DELETE CASCADE,
    credential_id text STORAGE PLAIN NOT NULL UNIQUE CHECK (length(credential_id) <= 1500),
    public_key bytea STORAGE PLAIN NOT NULL CHECK (length(public_key) <= 2000),
    counter bigint NOT NULL,
    transports text[] STORAGE PLAIN NOT NULL DEFAULT '{}' CHECK (cardinality(transports) <= 20),
    name text STORAGE PLAIN NOT NULL CHECK (length(name) <= 100),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    last_used_at timestamptz(3)
  )`,
  `CREATE INDEX passkeys_by_user ON "@tenant".passkeys (user_id)`,
  `CREATE TABLE "@tenant".sign_in_providers (
    id uuid PRIMARY KEY,
    key text NOT NULL UNIQUE CHECK (length(key) <= 40),
    name text NOT NULL CHECK (length(name) <= 100),
    kind text NOT NULL CHECK (kind IN ('oidc', 'google', 'microsoft', 'github')),
    issuer text,
    directory text,
    client_id text NOT NULL,
    client_secret text,
    scopes text[] NOT NULL DEFAULT '{}',
    domains text[] NOT NULL DEFAULT '{}',
    create_users boolean NOT NULL DEFAULT false,
    role text NOT NULL,
    enforced boolean NOT NULL DEFAULT false,
    enabled boolean NOT NULL DEFAULT true,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
  )`,
  `CREATE TABLE "@tenant".sign_in_identities (
    provider_id uuid NOT NULL REFERENCES "@tenant".sign_in_providers ON DELETE CASCADE,
    subject text NOT NULL,
    user_id uuid NOT NULL REFERENCES "@tenant".users ON DELETE CASCADE,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    last_used_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (provider_id, subject),
    UNIQUE (provider_id, user_id)
  )`,
  `CREATE INDEX sign_in_identities_by_user ON "@tenant".sign_in_identities (user_id)`,
  // A refresh token is in the primary key and the index by session alone, as often as it is written; the others are few.
  `CREATE TABLE "@tenant".tokens (
    hash bytea STORAGE PLAIN PRIMARY KEY CHECK (length(hash) <= 64),
    purpose text STORAGE PLAIN NOT NULL CHECK (length(purpose) <= 50),
    user_id uuid REFERENCES "@tenant".users ON DELETE CASCADE,
    session_id uuid REFERENCES "@tenant".sessions ON DELETE CASCADE,
    provider_id uuid REFERENCES "@tenant".sign_in_providers ON DELETE CASCADE,
    data jsonb STORAGE PLAIN NOT NULL DEFAULT '{}' CHECK (pg_column_size(data) <= 6000),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    expires_at timestamptz(3) NOT NULL,
    used_at timestamptz(3),
    CHECK ((purpose = 'refresh') = (session_id IS NOT NULL))
  )`,
  `CREATE INDEX tokens_by_session ON "@tenant".tokens (session_id) WHERE session_id IS NOT NULL`,
  `CREATE INDEX tokens_by_user ON "@tenant".tokens (user_id, purpose) WHERE user_id IS NOT NULL`,
  `CREATE INDEX tokens_by_expiry ON "@tenant".tokens (expires_at) WHERE purpose <> 'refresh'`,
];
