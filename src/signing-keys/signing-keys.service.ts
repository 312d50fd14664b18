import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { exportJWK, type JWK } from 'jose';
import { createPrivateKey, createPublicKey, generateKeyPair, randomBytes, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Repository } from 'typeorm';
import { SecretBox } from '../platform/crypto/secret-box.ts';
import { SigningKey } from './signing-key.entity.ts';

const ALGORITHM = 'RS256';
/** NIST SP 800-57: 128 bits of security, good beyond 2030. */
const RSA_BITS = 3072;
const FIRST_KEY_LOCK = 0x6b657973;
/** An unknown key id may be another instance's new key; asking the registry more often than this would invite floods. */
const RELOAD_MS = 5_000;

export interface SigningKeyPair {
  kid: string;
  algorithm: string;
  privateKey: KeyObject;
}

export interface VerificationKey {
  algorithm: string;
  publicKey: KeyObject;
}

/** The keys of access tokens: made at the first start, published as a JWKS, found by key id. */
@Injectable()
export class SigningKeysService implements OnModuleInit {
  #signing: SigningKeyPair;
  #verifying = new Map<string, VerificationKey>();
  #published: JWK[] = [];
  #loadedAt = 0;

  constructor(
    @InjectRepository(SigningKey) private readonly keys: Repository<SigningKey>,
    private readonly box: SecretBox,
  ) {}

  async onModuleInit(): Promise<void> {
    if (!(await this.keys.existsBy({}))) await this.#makeFirst();
    await this.#load();
  }

  get signingKey(): SigningKeyPair {
    return this.#signing;
  }

  /** The public half of every key whose tokens may still be around (RFC 7517). */
  get jwks(): { keys: JWK[] } {
    return { keys: this.#published };
  }

  async findVerificationKey(kid: string): Promise<VerificationKey | null> {
    const known = this.#verifying.get(kid);
    if (known || Date.now() - this.#loadedAt < RELOAD_MS) return known ?? null;
    // Set first: whoever asks meanwhile, with an id that nobody knows, must not ask the registry again.
    this.#loadedAt = Date.now();
    await this.#load();
    return this.#verifying.get(kid) ?? null;
  }

  async #load(): Promise<void> {
    const rows = await this.keys.find({ order: { createdAt: 'DESC' } });
    const current = rows.find((row) => row.retiredAt === null);
    if (!current) throw new Error('the registry holds no signing key that is not retired');
    this.#signing = {
      kid: current.kid,
      algorithm: current.algorithm,
      privateKey: createPrivateKey(this.box.open(current.privateKey, placeOf(current.kid))),
    };
    this.#verifying = new Map(
      rows.map((row) => [
        row.kid,
        { algorithm: row.algorithm, publicKey: createPublicKey({ key: row.publicJwk, format: 'jwk' }) },
      ]),
    );
    this.#published = rows.map((row) => ({ ...row.publicJwk, kid: row.kid, alg: row.algorithm, use: 'sig' }));
    this.#loadedAt = Date.now();
  }

  /** Several instances may start on an empty registry at once; the lock lets one make the key. */
  async #makeFirst(): Promise<void> {
    const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: RSA_BITS });
    const kid = randomBytes(8).toString('hex');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const row = {
      kid,
      algorithm: ALGORITHM,
      publicJwk: await exportJWK(publicKey),
      privateKey: this.box.seal(pem, placeOf(kid)),
      retiredAt: null,
    };
    await this.keys.manager.transaction(async (transaction) => {
      await transaction.query('SELECT pg_advisory_xact_lock($1)', [FIRST_KEY_LOCK]);
      if (!(await transaction.existsBy(SigningKey, {}))) await transaction.insert(SigningKey, row);
    });
  }
}

function placeOf(kid: string): string {
  return `public.signing_keys.private_key.${kid}`;
}
