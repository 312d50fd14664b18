import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { JWK } from 'jose';
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Logger } from 'pino';
import type { EntityManager, Repository } from 'typeorm';
import { News } from '../platform/cache/news.ts';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import { SecretBox } from '../platform/crypto/secret-box.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import { makeKeyPair } from './key-pair.rules.ts';
import { SigningKey } from './signing-key.entity.ts';
import { RotationTooSoon } from './signing-keys.errors.ts';
import {
  SEALED_SIGNING_KEY,
  LONGEST_OTHER_TOKEN_SECONDS,
  type KeyState,
  type KeySummary,
  type SigningAlgorithm,
} from './signing-keys.types.ts';

const FIRST_ALGORITHM: SigningAlgorithm = 'RS256';
/** Held by whoever adds a key or moves the keys on. */
const KEYS_LOCK = 0x6b657973;
/** An unknown key id may be another instance's new key; asking the registry more often than this would invite floods. */
const RELOAD_MS = 5_000;
/** How long keys are taken for the current ones while news of a rotation may be missed. */
const TRUSTED_MS = 1_000;
const ORDER: KeyState[] = ['next', 'current', 'previous'];
const KEYS_CHANGED = 'signing-keys';
/** A clock that is a little behind, and the moment in which an instance still signs with the key that was retired. */
const SLACK_SECONDS = 5;

export interface SigningKeyPair {
  kid: string;
  algorithm: string;
  privateKey: KeyObject;
}

export interface VerificationKey {
  algorithm: string;
  publicKey: KeyObject;
}

export interface Rotation {
  /** Of the key that is made now, and signs after the next rotation; as the one made before when not given. */
  algorithm?: SigningAlgorithm;
  /** Although tokens of the previous key may be alive: they end. */
  force?: boolean;
}

/**
 * The keys of tokens: next, current and previous. All are published as a JWKS and found by key id; the current one signs.
 * Because the next one was known to everybody before it signs, a rotation leaves nobody with a token that is not understood.
 */
@Injectable()
export class SigningKeysService implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  #signing: SigningKeyPair;
  #verifying = new Map<string, VerificationKey>();
  #published: JWK[] = [];
  #loadedAt = -Infinity;
  #loads = 0;
  #applied = 0;
  #making: Promise<void> | null = null;
  #reloading: Promise<void> | null = null;
  #stopping = false;

  constructor(
    @InjectRepository(SigningKey) private readonly keys: Repository<SigningKey>,
    private readonly box: SecretBox,
    private readonly news: News,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    this.news.on(KEYS_CHANGED, () => void this.#reload());
    this.news.onGap(() => void this.#reload());
    if (!(await this.#hasCurrent(this.keys.manager))) await this.#makeFirst();
    await this.#load();
  }

  /** The next key is made in the background: it takes a processor for a while, and nobody waits for it yet. */
  onApplicationBootstrap(): void {
    if (!this.config.WORKER || this.#published.length > 1) return;
    this.#making = this.#makeNext(FIRST_ALGORITHM).catch((error: unknown) =>
      this.log.warn({ err: error }, 'the next signing key is not made yet; the next rotation makes it'),
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping = true;
    await Promise.all([this.#making, this.#reloading]);
  }

  get signingKey(): SigningKeyPair {
    return this.#signing;
  }

  /** The public half of every key whose tokens may still be around, or soon will be (RFC 7517). */
  get jwks(): { keys: JWK[] } {
    return { keys: this.#published };
  }

  /** Before a key is used: while a rotation may be missed, the registry is asked again each second. */
  async catchUp(): Promise<void> {
    if (this.news.isComplete || performance.now() - this.#loadedAt <= TRUSTED_MS) return;
    await (this.#reloading ?? this.#reload());
  }

  async findVerificationKey(kid: string): Promise<VerificationKey | null> {
    await this.catchUp();
    const known = this.#verifying.get(kid);
    if (known || performance.now() - this.#loadedAt < RELOAD_MS) return known ?? null;
    // Set first: whoever asks meanwhile, with an id that nobody knows, must not ask the registry again.
    this.#loadedAt = performance.now();
    await this.#load();
    return this.#verifying.get(kid) ?? null;
  }

  /** Next, current, previous. */
  async list(): Promise<KeySummary[]> {
    const rows = await this.#rows(this.keys.manager);
    return rows.map(({ kid, algorithm, state, since }) => ({ kid, algorithm, state, since }));
  }

  /**
   * The next key becomes the current one, that becomes the previous one, the one before ends, and a new next one is made.
   * Every instance follows within a second.
   *
   * @throws RotationTooSoon
   */
  async rotate({ algorithm, force = false }: Rotation = {}): Promise<KeySummary[]> {
    const [newest] = await this.#rows(this.keys.manager);
    // Not made yet by the background, or by none: the registry may come from a release that knew no next key.
    if (newest!.state !== 'next') await this.#makeNext(newest!.algorithm);
    const made = await this.#make(algorithm ?? newest!.algorithm);
    await this.#exclusively(async (transaction) => {
      const { next, current, previous } = byState(await this.#rows(transaction));
      if (previous) {
        if (!force) this.#demandEnded(previous);
        await transaction.delete(SigningKey, { kid: previous.kid });
      }
      const now = new Date();
      await transaction.update(SigningKey, { kid: current!.kid }, { retiredAt: now });
      await transaction.update(SigningKey, { kid: next!.kid }, { activatedAt: now });
      await transaction.insert(SigningKey, made);
    });
    await this.#load();
    await this.news.publish(KEYS_CHANGED, '');
    return this.list();
  }

  #demandEnded({ retiredAt }: SigningKey): void {
    const seconds = Math.max(this.config.ACCESS_TOKEN_SECONDS, LONGEST_OTHER_TOKEN_SECONDS) + SLACK_SECONDS;
    const endedAt = new Date(retiredAt!.getTime() + seconds * 1_000);
    if (endedAt > new Date()) throw new RotationTooSoon(endedAt);
  }

  /** For those who do not wait for it: what is known stays in use, and the next call tries again. */
  #reload(): Promise<void> {
    if (this.#stopping) return Promise.resolve();
    const reloading = this.#load()
      .catch((error: unknown) => this.log.warn({ err: error }, 'signing keys could not be read again'))
      .finally(() => {
        if (this.#reloading === reloading) this.#reloading = null;
      });
    this.#reloading = reloading;
    return reloading;
  }

  async #load(): Promise<void> {
    const turn = ++this.#loads;
    const rows = await this.#rows(this.keys.manager);
    // A load that was begun later has seen more.
    if (turn < this.#applied) return;
    const { current } = byState(rows);
    if (!current) throw new Error('the registry holds no signing key that signs');
    const privateKey = createPrivateKey(this.box.open(current.privateKey, SEALED_SIGNING_KEY.place(current.kid)));
    this.#signing = { kid: current.kid, algorithm: current.algorithm, privateKey };
    this.#verifying = new Map(
      rows.map((row) => [
        row.kid,
        { algorithm: row.algorithm, publicKey: createPublicKey({ key: row.publicJwk, format: 'jwk' }) },
      ]),
    );
    this.#published = rows.map((row) => ({ ...row.publicJwk, kid: row.kid, alg: row.algorithm, use: 'sig' }));
    this.#applied = turn;
    this.#loadedAt = performance.now();
  }

  /** Several instances may start on an empty registry at once; the lock lets one make the key. */
  async #makeFirst(): Promise<void> {
    const made = await this.#make(FIRST_ALGORITHM);
    await this.#exclusively(async (transaction) => {
      if (await this.#hasCurrent(transaction)) return;
      await transaction.insert(SigningKey, { ...made, activatedAt: new Date() });
    });
  }

  async #makeNext(algorithm: SigningAlgorithm): Promise<void> {
    const made = await this.#make(algorithm);
    const isNew = await this.#exclusively(async (transaction) => {
      if (byState(await this.#rows(transaction)).next) return false;
      await transaction.insert(SigningKey, made);
      return true;
    });
    if (!isNew) return;
    await this.#load();
    await this.news.publish(KEYS_CHANGED, '');
  }

  async #make(
    algorithm: SigningAlgorithm,
  ): Promise<Pick<SigningKey, 'kid' | 'algorithm' | 'publicJwk' | 'privateKey'>> {
    const { kid, publicJwk, pem } = await makeKeyPair(algorithm);
    return { kid, algorithm, publicJwk, privateKey: this.box.seal(pem, SEALED_SIGNING_KEY.place(kid)) };
  }

  /** Next, current, previous. */
  async #rows(registry: EntityManager): Promise<SigningKey[]> {
    const rows = await registry.find(SigningKey);
    return rows.sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  }

  #hasCurrent(registry: EntityManager): Promise<boolean> {
    return this.#rows(registry).then((rows) => byState(rows).current !== undefined);
  }

  #exclusively<T>(work: (transaction: EntityManager) => Promise<T>): Promise<T> {
    return this.keys.manager.transaction(async (transaction) => {
      await transaction.query('SELECT pg_advisory_xact_lock($1)', [KEYS_LOCK]);
      return work(transaction);
    });
  }
}

function byState(rows: SigningKey[]): { next?: SigningKey; current?: SigningKey; previous?: SigningKey } {
  return Object.fromEntries(rows.map((row) => [row.state, row]));
}
