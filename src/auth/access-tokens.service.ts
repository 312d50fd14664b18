import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../platform/access/actor.ts';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { SignedTokens } from '../signing-keys/signed-tokens.service.ts';

/** Operators' tokens have another one: neither passes for the other. */
export const AUDIENCE = 'projectflow-api';

/** RFC 9068. `role` and `permissions` are for the client to read; the server decides by the current roles. */
export interface AccessClaims {
  sub: string;
  /** The tenant's id. */
  tenant: string;
  /** The highest role. */
  role: string;
  permissions: string[];
  /** The session's id. */
  sid: string;
}

/** Says in a token who acts in which tenant. */
@Injectable()
export class AccessTokens {
  constructor(
    private readonly tokens: SignedTokens,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @returns the token and its life in seconds */
  async sign(tenant: Tenant, actor: Actor): Promise<{ accessToken: string; expiresIn: number }> {
    const expiresIn = this.config.ACCESS_TOKEN_SECONDS;
    const claims = {
      tenant: tenant.id,
      role: actor.roles[0] ?? '',
      permissions: [...actor.grants],
      sid: actor.sessionId,
    };
    const content = { audience: AUDIENCE, subject: actor.userId!, expiresIn, claims };
    return { accessToken: await this.tokens.sign(content), expiresIn };
  }
}
