import { Module } from '@nestjs/common';
import { ProjectsModule } from '../projects/projects.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { PlatformSubscriptionsController } from './platform-subscriptions.controller.ts';
import { SubscriptionsController } from './subscriptions.controller.ts';
import { SubscriptionsJobs } from './subscriptions.jobs.ts';
import { SubscriptionsService } from './subscriptions.service.ts';
import { UsageService } from './usage.service.ts';

/**
 * Owns: plans and their limits (public.plans), who has which (public.subscriptions), and what is used (public.usage_daily).
 * Offers: SubscriptionsService, UsageService. Announces: nothing. Hears: nothing.
 */
@Module({
  imports: [UsersModule, ProjectsModule],
  controllers: [SubscriptionsController, PlatformSubscriptionsController],
  providers: [SubscriptionsService, UsageService, SubscriptionsJobs],
  exports: [SubscriptionsService, UsageService],
})
export class SubscriptionsModule {}
