import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { createHash, randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import type { Caller } from '../platform/access/caller.ts';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import { StrangerLimits } from '../platform/limits/stranger-limits.ts';
import { toCanonicalAddress } from '../platform/mail/canonical-address.ts';
import { Links } from '../platform/mail/links.ts';
import { Mails } from '../platform/mail/mails.ts';
import { SystemSettingsService } from '../settings/settings.service.ts';
import { SignUpClosed, SignUpProofRefused, SignUpProofRequired } from './onboarding.errors.ts';

const LIFE_SECONDS = 3_600;
const SIGN_UP_PAGE = '/sign-up';

/** That an address is somebody's, shown before they have an organisation: the token of a mail, good for an hour and once. */
@Injectable()
export class SignUpProofs {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly mails: Mails,
    private readonly links: Links,
    private readonly limits: StrangerLimits,
    private readonly settings: SystemSettingsService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Mails a token; an address that was written to often enough gets none, and nobody hears of that. @throws SignUpClosed, RateLimited */
  async request(email: string, caller: Caller): Promise<void> {
    if (!(await this.settings.get('sign-up.open'))) throw new SignUpClosed();
    const address = toCanonicalAddress(email);
    await this.limits.takeProof(caller);
    if (!(await this.limits.takeRecipient(address))) return;
    const token = `pfp_${randomBytes(32).toString('base64url')}`;
    await this.registry.query('DELETE FROM public.sign_up_proofs WHERE expires_at < now()');
    await this.registry.query(
      `INSERT INTO public.sign_up_proofs (hash, canonical_email, expires_at) VALUES ($1, $2, now() + make_interval(secs => $3))`,
      [hashOf(token), address, LIFE_SECONDS],
    );
    await this.mails.post(null, {
      to: email,
      subject: 'Sign up your organisation',
      text: `Hello,

somebody, probably you, wants to sign up an organisation with this address.
Go on here within an hour:

${this.links.toNewcomer(SIGN_UP_PAGE, token)}

If you do not know what this is about, do nothing.
`,
    });
  }

  /** @returns whether the address is proved. @throws SignUpProofRequired, SignUpProofRefused */
  async check(email: string, token: string | undefined): Promise<boolean> {
    if (token === undefined) {
      if (this.config.SIGN_UP_PROOF === 'email') throw new SignUpProofRequired();
      return false;
    }
    const found = await this.registry.query<unknown[]>(
      'SELECT 1 FROM public.sign_up_proofs WHERE hash = $1 AND canonical_email = $2 AND expires_at > now()',
      [hashOf(token), toCanonicalAddress(email)],
    );
    if (found.length === 0) throw new SignUpProofRefused();
    return true;
  }

  /** Uses it up, so that of two sign-ups with it one is refused. @throws SignUpProofRefused */
  async redeem(email: string, token: string): Promise<void> {
    const [used] = await this.registry.query<[unknown[], number]>(
      'DELETE FROM public.sign_up_proofs WHERE hash = $1 AND canonical_email = $2 AND expires_at > now() RETURNING 1',
      [hashOf(token), toCanonicalAddress(email)],
    );
    if (used.length === 0) throw new SignUpProofRefused();
  }
}

/** The token itself is kept nowhere. */
function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
