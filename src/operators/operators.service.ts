import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { createHash, randomBytes } from 'node:crypto';
import { MoreThan, type Repository } from 'typeorm';
import { v7 as newId } from 'uuid';
import { PasswordsService } from '../passwords/passwords.service.ts';
import type { Caller } from '../platform/access/caller.ts';
import { newEnrolment, stepOfCode, type Enrolment } from '../platform/crypto/one-time-codes.ts';
import { addressKey, toCanonicalAddress } from '../platform/mail/canonical-address.ts';
import { normalizedPassword } from '../platform/crypto/password-hasher.ts';
import { SecretBox } from '../platform/crypto/secret-box.ts';
import { sqlState } from '../platform/database/database-problem.ts';
import { OperatorAttempts } from './operator-attempts.service.ts';
import { OperatorEvents } from './operator-events.service.ts';
import { OperatorSessions, type SignedInOperator } from './operator-sessions.service.ts';
import { OperatorAccount } from './operator.entity.ts';
import { SEALED_OPERATOR_TOTP } from './operators.types.ts';
import {
  EnrolmentCodeWrong,
  EnrolmentRefused,
  OperatorMissing,
  OperatorPasswordShort,
  OperatorTaken,
} from './operators.errors.ts';
import { accountKey } from './operator-account.rules.ts';

const UNIQUE_VIOLATION = '23505';
const ENROLMENT_MS = 60 * 60 * 1_000;
/** Longer than beside a factor elsewhere: this one reaches every tenant. */
const SHORTEST_PASSWORD = 12;
const FEWEST_GUESSES = 1e10;
const ISSUER = 'ProjectFlow operators';

/** An account, and what its owner enrols with. */
export interface Invited {
  operator: OperatorAccount;
  token: string;
  expiresAt: Date;
}

/** Accounts of those who operate the installation. They are made by commands alone, and enrol themselves over HTTP. */
@Injectable()
export class OperatorsService {
  constructor(
    @InjectRepository(OperatorAccount) private readonly accounts: Repository<OperatorAccount>,
    private readonly passwords: PasswordsService,
    private readonly box: SecretBox,
    private readonly sessions: OperatorSessions,
    private readonly attempts: OperatorAttempts,
    private readonly events: OperatorEvents,
  ) {}

  list(): Promise<OperatorAccount[]> {
    return this.accounts.find({ order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /** Nobody can sign in to it before it was enrolled. @throws OperatorTaken */
  async create(email: string, name: string): Promise<Invited> {
    await this.#insert(email, name);
    return this.#invite(email);
  }

  /**
   * Enrolled at once, for a machine or where whoever runs the command is the operator.
   *
   * @returns the second factor, which is told this once
   * @throws OperatorTaken, WeakPassword
   */
  async createEnrolled(email: string, name: string, password: string): Promise<Enrolment> {
    if ([...normalizedPassword(password)].length < SHORTEST_PASSWORD)
      throw new OperatorPasswordShort(SHORTEST_PASSWORD);
    const passwordHash = await this.#hash(email, name, password);
    const id = await this.#insert(email, name);
    const enrolment = newEnrolment(ISSUER, email);
    const totpSecret = this.box.seal(enrolment.secret, SEALED_OPERATOR_TOTP.place(id));
    await this.accounts.update({ id }, { passwordHash, totpSecret });
    return enrolment;
  }

  /** What they had signs nobody in any more; they enrol anew. @throws OperatorMissing */
  async reset(email: string): Promise<Invited> {
    const { id } = await this.#get(email);
    await this.accounts.update(
      { id },
      { passwordHash: null, totpSecret: null, totpStep: null, pendingPasswordHash: null, pendingTotpSecret: null },
    );
    await this.sessions.endAll(id);
    await this.attempts.succeed(accountKey(email));
    return this.#invite(email);
  }

  /** Their sessions end within a second. @throws OperatorMissing */
  async disable(email: string): Promise<OperatorAccount> {
    const { id } = await this.#get(email);
    await this.accounts.update({ id }, { active: false, enrolmentHash: null });
    await this.sessions.endAll(id);
    return this.#get(email);
  }

  /** @throws OperatorMissing */
  async enable(email: string): Promise<OperatorAccount> {
    const { id } = await this.#get(email);
    await this.accounts.update({ id }, { active: true });
    return this.#get(email);
  }

  /**
   * Takes the password and makes a second factor. Neither counts before `confirm`; until then it may be repeated.
   *
   * @throws EnrolmentRefused, WeakPassword
   */
  async enrol(token: string, password: string): Promise<Enrolment> {
    if ([...normalizedPassword(password)].length < SHORTEST_PASSWORD)
      throw new OperatorPasswordShort(SHORTEST_PASSWORD);
    const { id, email, name } = await this.#invited(token);
    const pendingPasswordHash = await this.#hash(email, name, password);
    const enrolment = newEnrolment(ISSUER, email);
    const pendingTotpSecret = this.box.seal(enrolment.secret, SEALED_OPERATOR_TOTP.place(id));
    await this.accounts.update({ id, enrolmentHash: hashOf(token) }, { pendingPasswordHash, pendingTotpSecret });
    return enrolment;
  }

  /** With the first code: both factors are proved, so it signs in. @throws EnrolmentRefused, EnrolmentCodeWrong, TooManyOperatorAttempts */
  async confirm(token: string, code: string, caller: Caller): Promise<SignedInOperator> {
    const account = await this.#invited(token);
    const { id, email, pendingPasswordHash: passwordHash, pendingTotpSecret: totpSecret } = account;
    if (!passwordHash || !totpSecret) throw new EnrolmentRefused();
    await this.attempts.begin(accountKey(email));
    const step = stepOfCode(code, this.box.open(totpSecret, SEALED_OPERATOR_TOTP.place(id)));
    if (step === null) throw new EnrolmentCodeWrong();
    const { affected } = await this.accounts.update(
      { id, enrolmentHash: hashOf(token), pendingTotpSecret: totpSecret },
      { passwordHash, totpSecret, totpStep: String(step), lastLoginAt: new Date(), ...NOT_ENROLLING },
    );
    if (!affected) throw new EnrolmentRefused();
    await this.attempts.succeed(accountKey(email));
    await this.events.note({ operator: account, caller, action: 'operator.enrolled', target: email });
    return this.sessions.open(account, caller);
  }

  async #insert(email: string, name: string): Promise<string> {
    const id = newId();
    try {
      await this.accounts.insert({ id, email: toCanonicalAddress(email), name, active: true });
    } catch (error) {
      if (sqlState(error) === UNIQUE_VIOLATION) throw new OperatorTaken(email);
      throw error;
    }
    return id;
  }

  async #get(email: string): Promise<OperatorAccount> {
    const account = await this.accounts.findOneBy({ email: addressKey(email) });
    if (!account) throw new OperatorMissing(email);
    return account;
  }

  async #invite(email: string): Promise<Invited> {
    const operator = await this.#get(email);
    const token = `pfo_${randomBytes(32).toString('base64url')}`;
    const expiresAt = new Date(Date.now() + ENROLMENT_MS);
    await this.accounts.update({ id: operator.id }, { enrolmentHash: hashOf(token), enrolmentExpiresAt: expiresAt });
    return { operator, token, expiresAt };
  }

  async #invited(token: string): Promise<OperatorAccount> {
    const account = await this.accounts.findOneBy({
      enrolmentHash: hashOf(token),
      enrolmentExpiresAt: MoreThan(new Date()),
      active: true,
    });
    if (!account) throw new EnrolmentRefused();
    return account;
  }

  #hash(email: string, name: string, password: string): Promise<string> {
    return this.passwords.hash(password, [email, name], { besideFactor: true, fewestGuesses: FEWEST_GUESSES });
  }
}

const NOT_ENROLLING = {
  enrolmentHash: null,
  enrolmentExpiresAt: null,
  pendingPasswordHash: null,
  pendingTotpSecret: null,
};

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
