import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy, type SecretOrKeyProvider } from 'passport-jwt';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import { AUDIENCE, issuerOf, type AccessClaims } from './access-tokens.service.ts';
import { SigningKeysService } from './signing-keys.service.ts';

/** Header members that would let a token choose its own key, or that we would have to understand (RFC 8725). */
const FORBIDDEN_HEADERS = ['jku', 'jwk', 'x5u', 'x5c', 'crit'];

/** Verifies an access token: signature by a published key with that key's one algorithm, issuer, audience, times, shape. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(keys: SigningKeysService, @Inject(CONFIG) config: Config) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: keyProvider(keys),
      algorithms: ['RS256', 'PS256', 'ES256'],
      issuer: issuerOf(config),
      audience: AUDIENCE,
    });
  }

  validate(claims: Record<string, unknown>): AccessClaims | false {
    const { sub, tenant, sid, exp } = claims;
    const whole = [sub, tenant, sid].every((claim) => typeof claim === 'string' && /^[0-9a-f-]{36}$/.test(claim));
    return whole && typeof exp === 'number' ? (claims as unknown as AccessClaims) : false;
  }
}

function keyProvider(keys: SigningKeysService): SecretOrKeyProvider {
  return (_request, token: string, done) => {
    verificationKey(keys, token).then(
      (pem) => done(null, pem),
      (error: unknown) => done(error),
    );
  };
}

async function verificationKey(keys: SigningKeysService, token: string): Promise<string> {
  const header = decodeHeader(token);
  if (header['typ'] !== 'at+jwt') throw new Error('not an access token');
  if (FORBIDDEN_HEADERS.some((member) => member in header)) throw new Error('a header member that is not accepted');
  const key = typeof header['kid'] === 'string' ? await keys.findVerificationKey(header['kid']) : null;
  if (!key || header['alg'] !== key.algorithm) throw new Error('no such key for this algorithm');
  return key.publicKey as unknown as string;
}

function decodeHeader(token: string): Record<string, unknown> {
  const header: unknown = JSON.parse(Buffer.from(token.split('.', 1)[0]!, 'base64url').toString());
  if (typeof header !== 'object' || header === null) throw new Error('no header');
  return header as Record<string, unknown>;
}
