import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import type { Caller } from '../platform/access/caller.ts';
import type { Operator } from '../platform/access/operator.ts';
import { newEnrolment, stepOfCode } from '../platform/crypto/one-time-codes.ts';
import { PasswordHasher } from '../platform/crypto/password-hasher.ts';
import { addressKey } from '../platform/mail/canonical-address.ts';
import { SecretBox } from '../platform/crypto/secret-box.ts';
import { accountKey } from './operator-account.rules.ts';
import { OperatorAttempts } from './operator-attempts.service.ts';
import { OperatorEvents } from './operator-events.service.ts';
import { OperatorSessions, type SignedInOperator } from './operator-sessions.service.ts';
import { OperatorAccount } from './operator.entity.ts';
import { SEALED_OPERATOR_TOTP } from './operators.types.ts';
import { OperatorSignInRefused } from './operators.errors.ts';

export interface Credentials {
  email: string;
  password: string;
  /** What the authenticator shows. */
  code: string;
}

/** Password and second factor in one step, so that neither can be tried alone. */
@Injectable()
export class OperatorSignIn {
  /** Asked of whoever has no second factor, so that the work is the same. */
  readonly #decoy = newEnrolment('', '').secret;

  constructor(
    @InjectRepository(OperatorAccount) private readonly accounts: Repository<OperatorAccount>,
    private readonly hasher: PasswordHasher,
    private readonly box: SecretBox,
    private readonly attempts: OperatorAttempts,
    private readonly sessions: OperatorSessions,
    private readonly events: OperatorEvents,
  ) {}

  /**
   * The same work and the same answer whatever is wrong.
   *
   * @throws OperatorSignInRefused, TooManyOperatorAttempts
   */
  async signIn({ email, password, code }: Credentials, caller: Caller): Promise<SignedInOperator> {
    const account = await this.accounts.findOneBy({ email: addressKey(email) });
    await this.attempts.begin(accountKey(email));
    const isRight = await this.hasher.verify(password, account?.passwordHash ?? null);
    const sealed = account?.totpSecret ?? null;
    const step = stepOfCode(
      code,
      sealed === null ? this.#decoy : this.box.open(sealed, SEALED_OPERATOR_TOTP.place(account!.id)),
    );
    const mayTry = isRight && step !== null && sealed !== null;
    if (!account || !(await this.#useUp(mayTry ? account.id : null, step))) {
      await this.events.noteRefusedSignIn(account, caller);
      throw new OperatorSignInRefused();
    }
    await this.attempts.succeed(accountKey(email));
    await this.events.note({ operator: account, caller, action: 'operator.sign_in', target: account.email });
    return this.sessions.open(account, caller);
  }

  signOut(operator: Operator): Promise<void> {
    return this.sessions.end(operator);
  }

  /** Each step once, also when two come at the same moment. */
  async #useUp(id: string | null, step: number | null): Promise<boolean> {
    const { affected } = await this.accounts
      .createQueryBuilder()
      .update()
      .set({ totpStep: String(step ?? 0), lastLoginAt: new Date() })
      .where('id = :id AND active AND (totp_step IS NULL OR totp_step < :step)', { id, step })
      .execute();
    return affected === 1;
  }
}
