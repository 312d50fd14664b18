import { Inject, Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';
import { randomUUID } from 'node:crypto';
import type { Actor } from '../platform/access/actor.ts';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { SigningKeysService } from './signing-keys.service.ts';

/** Instances' clocks differ a little; a token must be good at all of them at once. */
const CLOCK_SKEW_SECONDS = 5;

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

export function issuerOf(config: Config): string {
  return config.PUBLIC_URL ?? 'projectflow';
}

/** Signs access tokens with the current key. */
@Injectable()
export class AccessTokens {
  constructor(
    private readonly keys: SigningKeysService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @returns the token and its life in seconds */
  async sign(tenant: Tenant, actor: Actor): Promise<{ accessToken: string; expiresIn: number }> {
    const { kid, algorithm, privateKey } = this.keys.signingKey;
    const expiresIn = this.config.ACCESS_TOKEN_SECONDS;
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      tenant: tenant.id,
      role: actor.roles[0] ?? '',
      permissions: [...actor.grants],
      sid: actor.sessionId,
    };
    const accessToken = await new SignJWT(claims)
      .setProtectedHeader({ alg: algorithm, kid, typ: 'at+jwt' })
      .setSubject(actor.userId!)
      .setJti(randomUUID())
      .setIssuer(issuerOf(this.config))
      .setAudience(AUDIENCE)
      .setIssuedAt(now)
      .setNotBefore(now - CLOCK_SKEW_SECONDS)
      .setExpirationTime(now + expiresIn)
      .sign(privateKey);
    return { accessToken, expiresIn };
  }
}
