import { Module, type DynamicModule } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { AnalyticsModule } from './analytics/analytics.module.ts';
import { ApiKeysModule } from './api-keys/api-keys.module.ts';
import { ArchivesModule } from './archives/archives.module.ts';
import { AttachmentsModule } from './attachments/attachments.module.ts';
import { AuditModule } from './audit/audit.module.ts';
import { AuthModule } from './auth/auth.module.ts';
import { AvatarsModule } from './avatars/avatars.module.ts';
import { CalendarsModule } from './calendars/calendars.module.ts';
import { ClustersModule } from './clusters/clusters.module.ts';
import { ActivityModule } from './activity/activity.module.ts';
import { BoardsModule } from './boards/boards.module.ts';
import { BulkModule } from './bulk/bulk.module.ts';
import { CommentsModule } from './comments/comments.module.ts';
import { EmailAddressesModule } from './email-addresses/email-addresses.module.ts';
import { InvitationsModule } from './invitations/invitations.module.ts';
import { FleetModule } from './fleet/fleet.module.ts';
import { HistoryModule } from './history/history.module.ts';
import { MilestonesModule } from './milestones/milestones.module.ts';
import { MovesModule } from './moves/moves.module.ts';
import { OAuthModule } from './oauth/oauth.module.ts';
import { OnboardingModule } from './onboarding/onboarding.module.ts';
import { OperatorsModule } from './operators/operators.module.ts';
import { CacheModule } from './platform/cache/cache.module.ts';
import { ConfigModule } from './platform/config/config.module.ts';
import type { Config } from './platform/config/config.ts';
import { CryptoModule } from './platform/crypto/crypto.module.ts';
import { DatabaseModule, type DatabaseParts } from './platform/database/database.module.ts';
import { EventsModule } from './platform/events/events.module.ts';
import { DependenciesModule } from './dependencies/dependencies.module.ts';
import { DomainsModule } from './domains/domains.module.ts';
import { FilesModule } from './platform/files/files.module.ts';
import { HealthModule } from './platform/health/health.module.ts';
import { HolidaysModule } from './holidays/holidays.module.ts';
import { pipeline } from './platform/http/pipeline.ts';
import { JobsModule } from './platform/jobs/jobs.module.ts';
import { LimitsModule } from './platform/limits/limits.module.ts';
import { MailModule } from './platform/mail/mail.module.ts';
import { PasswordsModule } from './passwords/passwords.module.ts';
import { LoggingModule } from './platform/logging/logging.module.ts';
import { OutgoingModule } from './platform/outgoing/outgoing.module.ts';
import { ThreadsModule } from './platform/threads/threads.module.ts';
import { TenancyModule } from './platform/tenancy/tenancy.module.ts';
import { PermissionsModule } from './permissions/permissions.module.ts';
import { ProjectsModule } from './projects/projects.module.ts';
import { ResourcesModule } from './resources/resources.module.ts';
import { RolesModule } from './roles/roles.module.ts';
import { TasksModule } from './tasks/tasks.module.ts';
import { SchedulingModule } from './scheduling/scheduling.module.ts';
import { TimeEntriesModule } from './time-entries/time-entries.module.ts';
import { TimesheetsModule } from './timesheets/timesheets.module.ts';
import { SearchModule } from './search/search.module.ts';
import { SecondFactorsModule } from './second-factors/second-factors.module.ts';
import { ServiceAccountsModule } from './service-accounts/service-accounts.module.ts';
import { SessionsModule } from './sessions/sessions.module.ts';
import { SettingsModule } from './settings/settings.module.ts';
import { SigningKeysModule } from './signing-keys/signing-keys.module.ts';
import { SignInProvidersModule } from './sign-in-providers/sign-in-providers.module.ts';
import { SubscriptionsModule } from './subscriptions/subscriptions.module.ts';
import { TeamsModule } from './teams/teams.module.ts';
import { TenantsModule } from './tenants/tenants.module.ts';
import { UsersModule } from './users/users.module.ts';
import { WatchersModule } from './watchers/watchers.module.ts';
import { WorkflowsModule } from './workflows/workflows.module.ts';

/**
 * The table of contents. The domain, low to high: a module uses those above it in this list and hears of those below
 * only through events. Offers: the whole product. Owns: nothing itself.
 */
@Module({})
export class AppModule {
  static with(config: Config, logger: Logger, database: DatabaseParts): DynamicModule {
    const platform = [
      ConfigModule.with(config),
      LoggingModule.with(logger),
      CryptoModule,
      CacheModule.with(database.prepared),
      ScheduleModule.forRoot(),
      DatabaseModule.with(database),
      EventsModule,
      FilesModule,
      LimitsModule.with(database.prepared),
      OutgoingModule,
      ThreadsModule,
      JobsModule.with(database.prepared),
      TenancyModule,
      MailModule,
      HealthModule,
    ];
    const domain = [
      ClustersModule,
      SettingsModule,
      TenantsModule,
      DomainsModule,
      RolesModule,
      PasswordsModule,
      SecondFactorsModule,
      UsersModule,
      AvatarsModule,
      HolidaysModule,
      CalendarsModule,
      SigningKeysModule,
      OperatorsModule,
      TeamsModule,
      ServiceAccountsModule,
      ApiKeysModule,
      EmailAddressesModule,
      SignInProvidersModule,
      SessionsModule,
      AuthModule,
      InvitationsModule,
      OAuthModule,
      AuditModule,
      HistoryModule,
      ProjectsModule,
      PermissionsModule,
      WorkflowsModule,
      MilestonesModule,
      TasksModule,
      DependenciesModule,
      SchedulingModule,
      TimesheetsModule,
      TimeEntriesModule,
      ResourcesModule,
      WatchersModule,
      BoardsModule,
      BulkModule,
      CommentsModule,
      AttachmentsModule,
      SearchModule,
      ActivityModule,
      SubscriptionsModule,
      AnalyticsModule,
      OnboardingModule,
      MovesModule,
      ArchivesModule,
      FleetModule,
    ];
    return { module: AppModule, imports: [...platform, ...domain], providers: pipeline };
  }
}
