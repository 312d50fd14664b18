import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { IncomingMessage } from 'node:http';
import passport from 'passport';
import { ExtractJwt } from 'passport-jwt';
import { SignedTokens } from '../signing-keys/signed-tokens.service.ts';
import { AUDIENCE, type AccessClaims } from './access-tokens.service.ts';

const tokenOf = ExtractJwt.fromAuthHeaderAsBearerToken();
/** As RFC 6750 has it, and nothing behind the token. Whatever else it holds, the extractor would read it again and again. */
const BEARER = /^Bearer +\S+$/i;

/**
 * Verifies the bearer token of a request. A strategy of our own, because that of passport-jwt verifies with a library that
 * does not know EdDSA.
 */
@Injectable()
export class JwtStrategy extends PassportStrategy(passport.Strategy, 'jwt') {
  constructor(private readonly tokens: SignedTokens) {
    super();
  }

  override authenticate(request: IncomingMessage): void {
    const token = BEARER.test(request.headers.authorization ?? '') ? tokenOf(request) : null;
    if (!token) return this.fail();
    this.tokens.verify(token, AUDIENCE).then(
      (payload) => {
        const claims = this.validate(payload);
        return claims ? this.success(claims) : this.fail();
      },
      (error: Error) => this.error(error),
    );
  }

  validate(claims: Record<string, unknown>): AccessClaims | null {
    const { sub, tenant, sid } = claims;
    const whole = [sub, tenant, sid].every((claim) => typeof claim === 'string' && /^[0-9a-f-]{36}$/.test(claim));
    return whole ? (claims as unknown as AccessClaims) : null;
  }
}
