import { createPrivateKey } from 'node:crypto';
import type pg from 'pg';
import { AccessTokens } from '../src/auth/access-tokens.service.ts';
import type { Actor } from '../src/platform/access/actor.ts';
import { loadConfig } from '../src/platform/config/config.ts';
import { SecretBox } from '../src/platform/crypto/secret-box.ts';
import { SignedTokens } from '../src/signing-keys/signed-tokens.service.ts';
import type { SigningKeysService } from '../src/signing-keys/signing-keys.service.ts';
import type { Tenant } from '../src/platform/tenancy/tenant.types.ts';
import { idOf, type FleetTenant } from './fleet.ts';
import { inParallel } from './load.ts';
import { progress } from './progress.ts';
import type { BenchServer } from './server.ts';

/** Headers that sign in as the owner of each tenant, by schema. The product must have run once: it makes the key. */
export async function signIn(
  server: BenchServer,
  owner: pg.Pool,
  tenants: FleetTenant[],
): Promise<Map<string, Record<string, string>>> {
  const { rows } = await owner.query<{ kid: string; algorithm: string; private_key: string }>(
    'SELECT kid, algorithm, private_key FROM public.signing_keys WHERE activated_at IS NOT NULL AND retired_at IS NULL',
  );
  const { kid, algorithm, private_key: sealed } = rows[0]!;
  const pem = new SecretBox(server.encryptionKey).open(sealed, `public.signing_keys.private_key.${kid}`);
  const signingKey = { kid, algorithm, privateKey: createPrivateKey(pem) };
  const keys = { signingKey, catchUp: () => Promise.resolve() } as SigningKeysService;
  const config = loadConfig({ ACCESS_TOKEN_SECONDS: '86400' });
  const tokens = new AccessTokens(new SignedTokens(keys, config), config);
  const headers = new Map<string, Record<string, string>>();
  const bar = progress('signing in', tenants.length);
  await inParallel(tenants, 4, async ({ id, binding: { schema } }) => {
    const actor = {
      userId: idOf(schema, 'user'),
      sessionId: idOf(schema, 'session'),
      roles: ['owner'],
      grants: new Set(),
    };
    const { accessToken } = await tokens.sign({ id } as Tenant, actor as unknown as Actor);
    headers.set(schema, { authorization: `Bearer ${accessToken}` });
    bar.step();
  });
  bar.end();
  return headers;
}
