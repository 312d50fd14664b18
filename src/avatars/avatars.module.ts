import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.ts';
import { AvatarsController } from './avatars.controller.ts';
import { AvatarsListeners } from './avatars.listeners.ts';
import { AvatarsService } from './avatars.service.ts';
import { Pictures } from './pictures.service.ts';

/**
 * Owns: the pictures of people, as files.
 * Offers: Pictures. Announces: AvatarReplaced. Hears: AvatarReplaced, UserDeleted.
 */
@Module({
  imports: [UsersModule],
  controllers: [AvatarsController],
  providers: [AvatarsService, AvatarsListeners, Pictures],
  exports: [Pictures],
})
export class AvatarsModule {}
