import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.ts';
import { EmailAddressesController } from './email-addresses.controller.ts';
import { EmailAddressesListeners } from './email-addresses.listeners.ts';
import { EmailAddressesService } from './email-addresses.service.ts';
import { EmailMails } from './email-mails.service.ts';
import { EmailChanges } from './email-changes.service.ts';

/**
 * Owns: that addresses are verified, and how one becomes another.
 * Offers: EmailMails, to warn those who have not verified theirs.
 * Announces: EmailChangeRequested, EmailVerificationRequested. Hears: UserDeleted, those, and UserCreated.
 */
@Module({
  imports: [UsersModule],
  controllers: [EmailAddressesController],
  exports: [EmailMails],
  providers: [EmailChanges, EmailAddressesService, EmailMails, EmailAddressesListeners],
})
export class EmailAddressesModule {}
