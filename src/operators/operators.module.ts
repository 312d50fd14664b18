import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PasswordsModule } from '../passwords/passwords.module.ts';
import { OperatorRecord, OperatorVerifier } from '../platform/access/operator.ts';
import { SigningKeysModule } from '../signing-keys/signing-keys.module.ts';
import { OperatorAttempts } from './operator-attempts.service.ts';
import { OperatorEvents } from './operator-events.service.ts';
import { OperatorSession } from './operator-session.entity.ts';
import { OperatorSessions } from './operator-sessions.service.ts';
import { OperatorSignIn } from './operator-sign-in.service.ts';
import { OperatorAccount } from './operator.entity.ts';
import { OperatorsController } from './operators.controller.ts';
import { OperatorsService } from './operators.service.ts';

/**
 * Owns: those who operate the installation (public.operators), their sessions, and the record of what they do.
 * Offers: OperatorsService, to the operators' commands; OperatorVerifier and OperatorRecord to the platform (global for
 * that reason). Announces: nothing. Hears: nothing.
 */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([OperatorAccount, OperatorSession]), PasswordsModule, SigningKeysModule],
  controllers: [OperatorsController],
  providers: [
    OperatorsService,
    OperatorSignIn,
    OperatorSessions,
    OperatorAttempts,
    OperatorEvents,
    { provide: OperatorVerifier, useExisting: OperatorSessions },
    { provide: OperatorRecord, useExisting: OperatorEvents },
  ],
  exports: [OperatorsService, OperatorVerifier, OperatorRecord],
})
export class OperatorsModule {}
