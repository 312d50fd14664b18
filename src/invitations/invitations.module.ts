import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { InvitationMails } from './invitation-mails.service.ts';
import { InvitationsController } from './invitations.controller.ts';
import { InvitationsListeners } from './invitations.listeners.ts';
import { InvitationsService } from './invitations.service.ts';

/**
 * Owns: invitations, from the mail to the person who joined.
 * Offers: InvitationsService, to sign-in providers.
 * Announces: InvitationIssued. Hears: UserDeleted, InvitationIssued.
 */
@Module({
  imports: [AuthModule, UsersModule],
  controllers: [InvitationsController],
  providers: [InvitationsService, InvitationMails, InvitationsListeners],
  exports: [InvitationsService],
})
export class InvitationsModule {}
