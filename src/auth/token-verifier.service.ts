import { Injectable } from '@nestjs/common';
import passport from 'passport';
import { ActorVerifier } from '../platform/access/actor-verifier.ts';
import { Unauthenticated } from '../platform/access/access.errors.ts';
import type { Actor } from '../platform/access/actor.ts';
import { databaseProblem } from '../platform/database/database-problem.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import { TenantMismatch } from '../platform/tenancy/tenancy.errors.ts';
import { TenantDirectory, type Tenant } from '../platform/tenancy/tenant.types.ts';
import type { AccessClaims } from './access-tokens.service.ts';
import { ActorsService } from './actors.service.ts';

/** Turns a request's bearer token into its tenant and actor. */
@Injectable()
export class TokenVerifier extends ActorVerifier {
  constructor(
    private readonly directory: TenantDirectory,
    private readonly contexts: TenantContexts,
    private readonly actors: ActorsService,
  ) {
    super();
  }

  async verify(
    request: { headers: Record<string, unknown> },
    addressed: Tenant | null,
  ): Promise<{ actor: Actor; tenant: Tenant }> {
    const claims = await authenticate(request);
    if (addressed && addressed.id !== claims.tenant) throw new TenantMismatch();
    const tenant = addressed ?? (await this.#admitted(claims.tenant));
    const actor = await this.actors.find(await this.contexts.open(tenant), claims.sub, claims.sid);
    if (!actor) throw new Unauthenticated('The session has ended. Sign in again.');
    return { actor, tenant };
  }

  async #admitted(tenantId: string): Promise<Tenant> {
    const tenant = await this.directory.findById(tenantId);
    if (!tenant || tenant.status === 'deleted') throw new Unauthenticated();
    return this.contexts.admit(tenant);
  }
}

function authenticate(request: object): Promise<AccessClaims> {
  return new Promise((resolve, reject) => {
    const done = (error: unknown, claims: AccessClaims | false | null, refusal?: unknown) => {
      if (claims && !error) return resolve(claims);
      // The keys could not be asked for: that says nothing about the token.
      reject(databaseProblem(error ?? refusal) ?? new Unauthenticated());
    };
    const middleware = passport.authenticate('jwt', { session: false }, done) as (
      req: object,
      res: object,
      next: (error?: unknown) => void,
    ) => void;
    middleware(request, {}, () => reject(new Unauthenticated()));
  });
}
