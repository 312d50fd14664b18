import { Module } from '@nestjs/common';
import { PasswordGuesses } from './password-guesses.service.ts';
import { PasswordResets } from './password-resets.service.ts';
import { PasswordsController } from './passwords.controller.ts';
import { PasswordsListeners } from './passwords.listeners.ts';
import { PasswordsService } from './passwords.service.ts';
import { SignInAttempts } from './sign-in-attempts.service.ts';

/**
 * Owns: passwords, what is asked of them, attempts that fail, and how a forgotten one is replaced.
 * Offers: PasswordsService, PasswordResets, SignInAttempts.
 * Announces: PasswordForgotten, PasswordChanged. Hears: PasswordForgotten.
 */
@Module({
  controllers: [PasswordsController],
  providers: [PasswordsService, PasswordResets, PasswordsListeners, SignInAttempts, PasswordGuesses],
  exports: [PasswordsService, PasswordResets, SignInAttempts],
})
export class PasswordsModule {}
