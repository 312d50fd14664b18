import { Inject, Injectable } from '@nestjs/common';
import { jwtVerify, SignJWT, type JWTHeaderParameters, type JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import { randomUUID } from 'node:crypto';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import { SigningKeysService, type VerificationKey } from './signing-keys.service.ts';

/** RFC 9068, 2.1: a token for something else must not pass for one that gives access. */
const TYPE = 'at+jwt';
/** Instances' clocks differ a little; a token must be good at all of them at once. */
const CLOCK_SKEW_SECONDS = 5;
/** Header members that would let a token choose its own key, or that we would have to understand (RFC 8725). */
const FORBIDDEN_HEADERS = ['jku', 'jwk', 'x5u', 'x5c', 'crit', 'b64'];
/** Characters of tokens that are remembered; a thousandth of it is one that names every permission. */
const REMEMBERED = 8 * 1024 * 1024;
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

export interface TokenContent {
  /** Who accepts it. A token for one audience is nothing to another. */
  audience: string;
  subject: string;
  /** Seconds. */
  expiresIn: number;
  claims: Record<string, unknown>;
}

/** A token whose signature was checked, and the key that it was checked with. */
interface Verified {
  payload: Readonly<JWTPayload>;
  kid: string;
  key: VerificationKey;
}

/**
 * Signs tokens with the current key, and verifies them with the key that they name. A signature is checked once for each
 * text of a token; whether its key is still ours and its time has not passed, each time.
 */
@Injectable()
export class SignedTokens {
  readonly #issuer: string;
  /** By audience and the whole text: what only resembles a token that was good is checked like any other. */
  readonly #verified = new LRUCache<string, Verified>({
    maxSize: REMEMBERED,
    sizeCalculation: (_, token) => token.length,
  });

  constructor(
    private readonly keys: SigningKeysService,
    @Inject(CONFIG) config: Config,
  ) {
    this.#issuer = config.PUBLIC_URL ?? 'projectflow';
  }

  async sign({ audience, subject, expiresIn, claims }: TokenContent): Promise<string> {
    await this.keys.catchUp();
    const { kid, algorithm, privateKey } = this.keys.signingKey;
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT(claims)
      .setProtectedHeader({ alg: algorithm, kid, typ: TYPE })
      .setSubject(subject)
      .setJti(randomUUID())
      .setIssuer(this.#issuer)
      .setAudience(audience)
      .setIssuedAt(now)
      .setNotBefore(now - CLOCK_SKEW_SECONDS)
      .setExpirationTime(now + expiresIn)
      .sign(privateKey);
  }

  /**
   * Signature by a published key with that key's one algorithm, issuer, audience, type and times.
   *
   * @throws Error of the database when the keys could not be asked for; any other error means that it is no token of ours
   */
  async verify(token: string, audience: string): Promise<Readonly<JWTPayload>> {
    const text = `${audience} ${token}`;
    const known = this.#verified.get(text);
    // The very object: with every look at the registry the keys are new ones, and whatever they vouched for is checked again.
    if (known && (await this.keys.findVerificationKey(known.kid)) === known.key && isInTime(known.payload))
      return known.payload;
    this.#verified.delete(text);
    const verified = await this.#check(token, audience);
    this.#verified.set(text, verified);
    return verified.payload;
  }

  async #check(token: string, audience: string): Promise<Verified> {
    if (!isCompact(token)) throw new Error('not a token in its one spelling');
    let signer: { kid: string; key: VerificationKey } | null = null;
    const keyOf = async (header: JWTHeaderParameters) => (signer = await this.#signerOf(header)).key.publicKey;
    const { payload } = await jwtVerify(token, keyOf, {
      issuer: this.#issuer,
      audience,
      requiredClaims: ['sub', 'exp', 'nbf'],
    });
    return { payload: Object.freeze(payload), ...signer! };
  }

  async #signerOf(header: JWTHeaderParameters): Promise<{ kid: string; key: VerificationKey }> {
    const { typ, kid, alg } = header;
    if (typ !== TYPE) throw new Error('not an access token');
    if (FORBIDDEN_HEADERS.some((member) => member in header)) throw new Error('a header member that is not accepted');
    const key = typeof kid === 'string' ? await this.keys.findVerificationKey(kid) : null;
    if (!key || alg !== key.algorithm) throw new Error('no such key for this algorithm');
    return { kid: kid!, key };
  }
}

/** As jose judges the times of a token, in whole seconds and without tolerance. */
function isInTime({ exp, nbf }: JWTPayload): boolean {
  const now = Math.floor(Date.now() / 1000);
  return exp! > now && nbf! <= now;
}

/** Decoders forgive: without this, the unused bits at the end of a signature would make several texts of one token. */
function isCompact(token: string): boolean {
  if (!COMPACT.test(token)) return false;
  const signature = token.slice(token.lastIndexOf('.') + 1);
  return Buffer.from(signature, 'base64url').toString('base64url') === signature;
}
