import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.ts';
import { ActorsService } from './actors.service.ts';
import { SessionsController } from './sessions.controller.ts';
import { SessionsListeners } from './sessions.listeners.ts';
import { SessionsService } from './sessions.service.ts';

/**
 * Owns: sessions and their refresh tokens; what the actor of a request may do.
 * Offers: SessionsService, ActorsService.
 * Announces: nothing. Hears: UserDeactivated, UserDeleted, PasswordChanged, ActorsChanged.
 */
@Module({
  imports: [UsersModule],
  controllers: [SessionsController],
  providers: [SessionsService, ActorsService, SessionsListeners],
  exports: [SessionsService, ActorsService],
})
export class SessionsModule {}
