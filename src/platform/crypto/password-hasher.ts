import { Injectable } from '@nestjs/common';
import * as crypto from 'node:crypto';
import { randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { AppError } from '../errors/app-error.ts';

/** OWASP ASVS 5.0, appendix C: argon2id with 19 MiB, two passes, one lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 };
const SALT_BYTES = 16;
/** Hashing shares the thread pool with files and DNS; more at once would only make each slower. */
const AT_ONCE = availableParallelism();
const MAX_WAITING = 200;

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

class HashingBusy extends AppError {
  constructor() {
    super('unavailable', 'sign_in_busy', 'Too many people are signing in at this moment. Try again shortly.', {
      retryAfter: 2,
    });
  }
}

/**
 * What is judged, hashed and compared of a password: the same characters, whatever they were composed of by a keyboard or a
 * system (NIST SP 800-63B-4, 3.1.1.2).
 */
export function normalizedPassword(typed: string): string {
  return typed.normalize('NFKC');
}

/** argon2id in PHC notation, as many at once as there are cores and a bounded queue behind them. */
@Injectable()
export class PasswordHasher {
  #active = 0;
  readonly #waiting: (() => void)[] = [];
  /** What no password has: the comparison with it costs as much as any other. */
  readonly #decoy = phcOf(randomBytes(SALT_BYTES), randomBytes(COST.tagLength));

  async hash(password: string): Promise<string> {
    const nonce = randomBytes(SALT_BYTES);
    const tag = await this.#derive({ ...COST, message: normalizedPassword(password), nonce });
    return phcOf(nonce, tag);
  }

  /**
   * Without a stored hash it does the same work and says no, so that the time tells nobody whether an account exists. One
   * that was hashed as it was typed, before passwords were normalised, is right as well.
   */
  async verify(password: string, stored: string | null): Promise<boolean> {
    const normalized = normalizedPassword(password);
    const isRight = await this.#matches(normalized, stored);
    // Whether there is a second comparison depends on what was typed alone, not on whose account it is.
    return normalized === password ? isRight : (await this.#matches(password, stored)) || isRight;
  }

  /** Whether it was hashed with less work than is asked for by now, or may have been before passwords were normalised. */
  isOutdated(stored: string, password: string): boolean {
    const [, memory, passes, parallelism] = PHC.exec(stored) ?? [];
    const isCheap =
      Number(memory) < COST.memory || Number(passes) < COST.passes || Number(parallelism) !== COST.parallelism;
    return isCheap || normalizedPassword(password) !== password;
  }

  async #matches(message: string, stored: string | null): Promise<boolean> {
    const phc = stored ?? this.#decoy;
    const [, memory, passes, parallelism, salt, expected] = PHC.exec(phc) ?? [];
    if (!salt || !expected) throw new Error('a stored password hash is not in PHC notation');
    const tag = Buffer.from(expected, 'base64');
    const cost = {
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(parallelism),
      tagLength: tag.length,
    };
    const derived = await this.#derive({ ...cost, message, nonce: Buffer.from(salt, 'base64') });
    return timingSafeEqual(derived, tag) && stored !== null;
  }

  async #derive(parameters: Argon2Parameters): Promise<Buffer> {
    if (this.#active >= AT_ONCE) {
      if (this.#waiting.length >= MAX_WAITING) throw new HashingBusy();
      await new Promise<void>((admitted) => this.#waiting.push(admitted));
    } else {
      this.#active += 1;
    }
    try {
      // By its namespace: a Node without it shall hear from loadConfig() which one is needed, and not fail to link.
      return await promisify(crypto.argon2)('argon2id', parameters);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#active -= 1;
    }
  }
}

function phcOf(nonce: Buffer, tag: Buffer): string {
  return `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${unpadded(nonce)}$${unpadded(tag)}`;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
