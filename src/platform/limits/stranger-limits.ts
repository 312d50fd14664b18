import { Inject, Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import type { Caller } from '../access/caller.ts';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { addressKey } from '../mail/canonical-address.ts';
import { siteOf } from './addresses.ts';
import { RateLimited } from './limits.errors.ts';
import { RequestCounts, type CountedBy } from './request-counts.ts';

/**
 * Mails that one address may get from the whole installation before its owner has said that it is theirs: those that one
 * organisation may send on somebody's word, and the one that greets them.
 */
const MAILS_AN_HOUR = 6;
const MAILS_A_DAY = 20;

/** Attempts to sign up for each sign-up that a network may make: also what is refused costs the judgement of a password. */
const ATTEMPTS_PER_SIGN_UP = 6;

/** What is limited over all organisations, because whoever wants more of it signs up another one. */
@Injectable()
export class StrangerLimits {
  constructor(
    private readonly counts: RequestCounts,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Before the work of a sign-up, by network and by address; counts nothing. @throws RateLimited */
  async demandSignUp(caller: Caller, email: string): Promise<void> {
    if (!this.config.RATE_LIMIT_ENABLED) return;
    for (const [by, most] of this.#ofSignUps())
      for (const key of keysOf(caller, email)) {
        const { used, resetSeconds } = await this.counts.read(by, key);
        if (used >= most) throw tooManySignUps(most, by, resetSeconds);
      }
  }

  /** Counts one attempt of a network, whatever becomes of it, before its password is judged. @throws RateLimited */
  async takeSignUpAttempt(caller: Caller): Promise<void> {
    if (!this.config.RATE_LIMIT_ENABLED) return;
    const most = ATTEMPTS_PER_SIGN_UP * this.config.RATE_LIMIT_SIGN_UPS_HOUR;
    const { used, resetSeconds } = await this.counts.count('sign-up', `attempt ${siteOf(caller.address ?? '')}`);
    if (used > most) throw new RateLimited(`One network may try to sign up ${most} times an hour.`, resetSeconds);
  }

  /** Counts one, before anything is kept of it; many at once get no more than their number. @throws RateLimited */
  async takeSignUp(caller: Caller, email: string): Promise<void> {
    if (!this.config.RATE_LIMIT_ENABLED) return;
    for (const [by, most] of this.#ofSignUps())
      for (const key of keysOf(caller, email)) {
        const { used, resetSeconds } = await this.counts.count(by, key);
        if (used > most) throw tooManySignUps(most, by, resetSeconds);
      }
  }

  /** Mails by which somebody may prove an address before they sign up, by network. @throws RateLimited */
  async takeProof(caller: Caller): Promise<void> {
    if (!this.config.RATE_LIMIT_ENABLED) return;
    for (const [by, most] of this.#ofSignUps()) {
      const { used, resetSeconds } = await this.counts.count(by, `proof ${siteOf(caller.address ?? '')}`);
      if (used > most) throw tooManySignUps(most, by, resetSeconds);
    }
  }

  /** Whether one more mail may go to somebody who has not said that they want it, whichever organisation sends it. */
  async takeRecipient(address: string): Promise<boolean> {
    if (!this.config.RATE_LIMIT_ENABLED) return true;
    const key = hashed(addressKey(address));
    const hour = await this.counts.count('recipient', key);
    const day = await this.counts.count('recipient-day', key);
    return hour.used <= MAILS_AN_HOUR && day.used <= MAILS_A_DAY;
  }

  #ofSignUps(): [CountedBy, number][] {
    return [
      ['sign-up', this.config.RATE_LIMIT_SIGN_UPS_HOUR],
      ['sign-up-day', this.config.RATE_LIMIT_SIGN_UPS_DAY],
    ];
  }
}

function keysOf({ address }: Caller, email: string): string[] {
  return [`site ${siteOf(address ?? '')}`, `address ${hashed(addressKey(email))}`];
}

function tooManySignUps(most: number, by: CountedBy, resetSeconds: number): RateLimited {
  const span = by === 'sign-up' ? 'an hour' : 'a day';
  return new RateLimited(`One network or address may sign up ${most} organisations ${span}.`, resetSeconds);
}

/** What strangers type is not kept readable in a cache. */
function hashed(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
