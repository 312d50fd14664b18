import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tenantMigrations } from '../../migrations/tenant/index.ts';
import { tenantEntities } from '../../src/tenant-entities.ts';
import { startEngine, type Engine } from '../support/engine.ts';

const PEOPLE = 2_000;

let engine: Engine;
let schema: string;
/** With `@` for the tenant's schema. */
const sql = async (text: string, values: unknown[] = []): Promise<any[]> =>
  (await engine.owner.query(text.replaceAll('@', `"${schema}"`), values)).rows;
const idOf = (kind: number, person: string) =>
  `('${'0'.repeat(7)}${kind}-0000-7000-8000-' || lpad(${person}::text, 12, '0'))::uuid`;
const user = idOf(1, '7');
const [provider, session] = [`'00000004-0000-7000-8000-000000000001'::uuid`, idOf(2, '7')];

beforeAll(async () => {
  engine = await startEngine({ entities: tenantEntities, migrations: tenantMigrations });
  schema = (await engine.schemas.provision()).schema;
  const people = `generate_series(1, ${PEOPLE}) AS n`;
  await sql(
    `INSERT INTO @.users (id, email, first_name, last_name) SELECT ${idOf(1, 'n')}, n || '@acme.test', 'A', 'B' FROM ${people}`,
  );
  await sql(
    `INSERT INTO @.sessions (id, user_id, expires_at) SELECT ${idOf(2, 'n')}, ${idOf(1, 'n')}, now() FROM ${people}`,
  );
  await sql(`INSERT INTO @.sign_in_providers (id, key, name, kind, client_id, role)
             SELECT ('00000004-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'p' || n, 'P', 'github', 'us', 'member' FROM generate_series(1, 20) AS n`);
  await sql(`INSERT INTO @.tokens (hash, purpose, session_id, expires_at)
             SELECT sha256((n || ' ' || t)::bytea), 'refresh', ${idOf(2, 'n')}, now() + interval '30 days' FROM ${people}, generate_series(1, 10) AS t`);
  await sql(`INSERT INTO @.tokens (hash, purpose, user_id, data, expires_at)
             SELECT sha256(('reset ' || n)::bytea), 'password-reset', ${idOf(1, 'n')}, '{}', now() + n * interval '1 minute' FROM generate_series(1, 500) AS n`);
  await sql(
    `INSERT INTO @.credentials (user_id, type, id, secret) SELECT ${idOf(1, 'n')}, 'password', ${idOf(1, 'n')}, 'x' FROM ${people}`,
  );
  await sql(`INSERT INTO @.credentials (user_id, type, id, key)
             SELECT ${idOf(1, 'n')}, 'recovery_code', gen_random_uuid(), n || ' ' || c FROM ${people}, generate_series(1, 10) AS c`);
  await sql(`INSERT INTO @.credentials (user_id, type, id, provider_id, key)
             SELECT ${idOf(1, 'n')}, 'identity', p.id, p.id, 'subject ' || n FROM ${people} JOIN @.sign_in_providers p ON p.key = 'p' || n % 20 + 1`);
  await sql('ANALYZE @.tokens, @.credentials');
});
afterAll(() => engine.stop());

describe('what people prove themselves with', () => {
  it.each([
    ['a second password', `(user_id, type, id, secret) VALUES (${user}, 'password', ${user}, 'y')`],
    ['a password under another id', `(user_id, type, id, secret) VALUES (${user}, 'password', gen_random_uuid(), 'y')`],
    ['a password without a hash', `(user_id, type, id) VALUES (${idOf(1, '1')}, 'totp', ${idOf(1, '1')})`],
    [
      'an authenticator app under another id',
      `(user_id, type, id, secret) VALUES (${user}, 'totp', gen_random_uuid(), 'y')`,
    ],
    ['a recovery code twice', `(user_id, type, id, key) VALUES (${user}, 'recovery_code', gen_random_uuid(), '7 1')`],
    [
      'an identity without a provider',
      `(user_id, type, id, key) VALUES (${user}, 'identity', gen_random_uuid(), 'me')`,
    ],
    [
      'a subject of a provider twice',
      `(user_id, type, id, provider_id, key) SELECT ${idOf(1, '8')}, 'identity', id, id, 'subject 7' FROM @.sign_in_providers WHERE key = 'p8'`,
    ],
    [
      'two identities of a person at a provider',
      `(user_id, type, id, provider_id, key) SELECT ${user}, 'identity', id, id, 'other' FROM @.sign_in_providers WHERE key = 'p8'`,
    ],
    [
      'more than a row may hold',
      `(user_id, type, id, key, data) VALUES (${user}, 'passkey', gen_random_uuid(), 'k', jsonb_build_object('name', repeat('x', 5000)))`,
    ],
  ])('is never %s', async (_, values) => {
    await expect(sql(`INSERT INTO @.credentials ${values}`)).rejects.toThrow(
      /violates (unique|check) constraint|duplicate key/,
    );
  });

  it('may be a passkey of a key that is the subject of somebody at a provider, but of no other passkey', async () => {
    const insert = (key: string) =>
      sql(`INSERT INTO @.credentials (user_id, type, id, key) VALUES (${user}, 'passkey', gen_random_uuid(), $1)`, [
        key,
      ]);
    await insert('subject 7');
    await expect(insert('subject 7')).rejects.toThrow('credentials_by_key');
  });

  it('takes rows that are as long as they may be', async () => {
    const key = 'k'.repeat(2_000);
    const data = { name: 'ä'.repeat(1_900), more: 'x'.repeat(100) };
    const statement = `INSERT INTO @.credentials (user_id, type, id, key, data) VALUES (${user}, 'passkey', gen_random_uuid(), $1, $2)`;
    await sql(statement, [key, data]);
    const [row] = await sql('SELECT max(pg_column_size(c)) AS bytes FROM @.credentials c');
    expect(row.bytes).toBeGreaterThan(5_900);
    const token = `INSERT INTO @.tokens (hash, purpose, data, expires_at) VALUES ('\\x01', 'sign-in-attempt', $1, now())`;
    await sql(token, [{ returnTo: 'x'.repeat(5_900) }]);
    await expect(sql(token.replace('x01', 'x02'), [{ returnTo: 'x'.repeat(6_100) }])).rejects.toThrow(
      'check constraint',
    );
  });
});

describe('a token', () => {
  it.each([
    ['a refresh token of no session', `('\\x03', 'refresh', NULL, now())`],
    ['one of a session for something else', `('\\x04', 'password-reset', ${session}, now())`],
  ])('is never %s', async (_, values) => {
    const insert = sql(`INSERT INTO @.tokens (hash, purpose, session_id, expires_at) VALUES ${values}`);
    await expect(insert).rejects.toThrow('check constraint');
  });
});

describe('no index is idle', () => {
  it.each([
    ['tokens_pkey', `SELECT * FROM @.tokens WHERE hash = sha256('7 1') AND purpose = 'refresh' FOR UPDATE`],
    [
      'tokens_by_session',
      `SELECT 1 FROM @.tokens WHERE session_id = ${session} AND purpose = 'refresh' AND used_at IS NULL AND expires_at > now()`,
    ],
    ['tokens_by_session', `DELETE FROM ONLY @.tokens WHERE ${session} = session_id`],
    ['tokens_by_user', `DELETE FROM @.tokens WHERE purpose = 'password-reset' AND user_id = ${user}`],
    ['tokens_by_user', `DELETE FROM ONLY @.tokens WHERE ${user} = user_id`],
    ['tokens_by_expiry', `DELETE FROM @.tokens WHERE purpose <> 'refresh' AND expires_at < now()`],
    ['tokens_by_expiry', `DELETE FROM @.tokens WHERE purpose = 'invitation' AND data->>'invitationId' = 'x'`],
    ['credentials_pkey', `SELECT secret FROM @.credentials WHERE user_id = ${user} AND type = 'password' FOR SHARE`],
    [
      'credentials_pkey',
      `SELECT 1 FROM @.credentials WHERE user_id = ${user} AND type IN ('totp', 'passkey', 'recovery_code')`,
    ],
    [
      'credentials_pkey',
      `UPDATE @.credentials SET used_at = now() WHERE user_id = ${user} AND type = 'recovery_code' AND key = '7 1' AND used_at IS NULL`,
    ],
    ['credentials_pkey', `DELETE FROM ONLY @.credentials WHERE ${user} = user_id`],
    [
      'credentials_by_key',
      `SELECT * FROM @.credentials WHERE provider_id IS NULL AND type = 'passkey' AND key = 'k' FOR UPDATE`,
    ],
    [
      'credentials_by_key',
      `SELECT * FROM @.credentials WHERE type = 'identity' AND provider_id = ${provider} AND key = 'subject 20'`,
    ],
    ['credentials_by_key', `DELETE FROM ONLY @.credentials WHERE ${provider} = provider_id`],
  ])('%s: %s', async (index, statement) => {
    const plan = JSON.stringify(await sql(`EXPLAIN ${statement}`));
    expect(plan).toContain(index);
    expect(plan).not.toContain('Seq Scan');
  });
});
