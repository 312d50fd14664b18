import { Injectable } from '@nestjs/common';
import passport from 'passport';
import type { KeyClaims } from '../api-keys/api-keys.types.ts';
import { ApiKeysService } from '../api-keys/api-keys.service.ts';
import { ActorVerifier } from '../platform/access/actor-verifier.ts';
import { Unauthenticated } from '../platform/access/access.errors.ts';
import type { Actor } from '../platform/access/actor.ts';
import type { Caller } from '../platform/access/caller.ts';
import { databaseProblem } from '../platform/database/database-problem.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import { TenantMismatch } from '../platform/tenancy/tenancy.errors.ts';
import { TenantDirectory, type Tenant } from '../platform/tenancy/tenant.types.ts';
import type { AccessClaims } from './access-tokens.service.ts';
import { ActorsService } from '../sessions/actors.service.ts';

type Headers = Record<string, unknown>;

/** Turns a request's credential, an access token or an API key, into its tenant and actor. */
@Injectable()
export class TokenVerifier extends ActorVerifier {
  constructor(
    private readonly directory: TenantDirectory,
    private readonly contexts: TenantContexts,
    private readonly actors: ActorsService,
    private readonly keys: ApiKeysService,
  ) {
    super();
  }

  async verify(
    request: { headers: Headers },
    addressed: Tenant | null,
    caller: Caller,
  ): Promise<{ actor: Actor; tenant: Tenant }> {
    return isApiKey(request.headers)
      ? this.#verifyKey(request, addressed, caller)
      : this.#verifyToken(request, addressed);
  }

  async #verifyToken(request: object, addressed: Tenant | null): Promise<{ actor: Actor; tenant: Tenant }> {
    const claims = await authenticate<AccessClaims>('jwt', request);
    const tenant = await this.#tenantOf(claims, addressed);
    const actor = await this.actors.find(await this.contexts.open(tenant), claims.sub, claims.sid);
    if (!actor) throw new Unauthenticated('The session has ended. Sign in again.');
    return { actor, tenant };
  }

  /** Unknown, expired, revoked, or of somebody who is not active: whoever holds a key learns no more than that it is not good. */
  async #verifyKey(
    request: object,
    addressed: Tenant | null,
    caller: Caller,
  ): Promise<{ actor: Actor; tenant: Tenant }> {
    const claims = await authenticate<KeyClaims>('api-key', request).catch(refuseKey);
    const tenant = await this.#tenantOf(claims, addressed).catch((error: unknown) =>
      error instanceof Unauthenticated ? refuseKey(error) : Promise.reject(error as Error),
    );
    const ctx = await this.contexts.open(tenant, undefined, caller);
    const key = await this.keys.find(ctx, claims.hash);
    const actor = key && (await this.actors.findByKey(ctx, key));
    return actor ? { actor, tenant } : refuseKey();
  }

  /** Compared before it is looked up: anybody can write an id into a key, and must not learn whether it is a tenant's. */
  async #tenantOf(claims: { tenant: string }, addressed: Tenant | null): Promise<Tenant> {
    if (addressed && addressed.id !== claims.tenant) throw new TenantMismatch();
    return addressed ?? this.#admitted(claims.tenant);
  }

  async #admitted(tenantId: string): Promise<Tenant> {
    const tenant = await this.directory.findById(tenantId);
    if (!tenant || tenant.status === 'deleted') throw new Unauthenticated();
    return this.contexts.admit(tenant);
  }
}

/** @throws Unauthenticated for two credentials: one of them would be ignored, and nobody could tell which */
function isApiKey({ authorization, 'x-api-key': key }: Headers): boolean {
  if (key !== undefined && authorization !== undefined)
    throw new Unauthenticated('Send one credential: Authorization or X-API-Key.');
  return key !== undefined || (typeof authorization === 'string' && /^Bearer +pfk_/i.test(authorization));
}

function refuseKey(error?: unknown): never {
  if (error !== undefined && !(error instanceof Unauthenticated)) throw error as Error;
  throw new Unauthenticated('The API key is not valid: unknown, expired or revoked.');
}

function authenticate<Claims>(strategy: 'jwt' | 'api-key', request: object): Promise<Claims> {
  return new Promise((resolve, reject) => {
    const done = (error: unknown, claims: Claims | false | null, refusal?: unknown) => {
      if (claims && !error) return resolve(claims);
      // The keys could not be asked for: that says nothing about the token.
      reject(databaseProblem(error ?? refusal) ?? new Unauthenticated());
    };
    const middleware = passport.authenticate(strategy, { session: false }, done) as (
      req: object,
      res: object,
      next: (error?: unknown) => void,
    ) => void;
    middleware(request, {}, () => reject(new Unauthenticated()));
  });
}
