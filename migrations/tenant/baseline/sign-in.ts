/** What people prove themselves with, and tokens of mails and sign-ins. */
export const SIGN_IN = [
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
  // The primary key keeps people to one password, one authenticator app and one identity at a provider.
  `CREATE TABLE "@tenant".credentials (
    user_id uuid NOT NULL REFERENCES "@tenant".users ON DELETE CASCADE,
    type text STORAGE PLAIN NOT NULL CHECK (type IN ('password', 'totp', 'recovery_code', 'passkey', 'identity')),
    id uuid NOT NULL,
    key text STORAGE PLAIN CHECK (octet_length(key) <= 2000),
    provider_id uuid REFERENCES "@tenant".sign_in_providers ON DELETE CASCADE,
    secret text STORAGE PLAIN CHECK (octet_length(secret) <= 1000),
    data jsonb STORAGE PLAIN NOT NULL DEFAULT '{}' CHECK (pg_column_size(data) <= 4000),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    confirmed_at timestamptz(3),
    used_at timestamptz(3),
    disabled_at timestamptz(3),
    unlocked_at timestamptz(3),
    PRIMARY KEY (user_id, type, id),
    CHECK (id = CASE WHEN type IN ('password', 'totp') THEN user_id WHEN type = 'identity' THEN provider_id ELSE id END),
    CHECK ((provider_id IS NOT NULL) = (type = 'identity')),
    CHECK ((secret IS NOT NULL) = (type IN ('password', 'totp'))),
    CHECK ((key IS NULL) = (type IN ('password', 'totp')))
  )`,
  `COMMENT ON COLUMN "@tenant".credentials.id IS 'of the person where they have one of the type, of the provider for an identity'`,
  `COMMENT ON COLUMN "@tenant".credentials.key IS 'hash of a recovery code, id of a passkey, subject of an identity'`,
  `COMMENT ON COLUMN "@tenant".credentials.secret IS 'hash of a password; of an authenticator app in base32, AES-256-GCM under ENCRYPTION_KEY'`,
  // The provider first, so that one that is deleted finds its identities.
  `CREATE UNIQUE INDEX credentials_by_key ON "@tenant".credentials (provider_id, type, key) NULLS NOT DISTINCT
     WHERE provider_id IS NOT NULL OR key IS NOT NULL`,
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
