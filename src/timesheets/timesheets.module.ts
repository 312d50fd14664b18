import { Module } from '@nestjs/common';
import { CalendarsModule } from '../calendars/calendars.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { TimesheetsController } from './timesheets.controller.ts';
import { TimesheetsService } from './timesheets.service.ts';

/**
 * Owns: which weeks of whom are approved; reads time entries, of which it counts the weeks.
 * Offers: TimesheetsService. Announces: WeekApproved, WeekReopened. Hears: nothing.
 */
@Module({
  imports: [CalendarsModule, UsersModule],
  controllers: [TimesheetsController],
  providers: [TimesheetsService],
  exports: [TimesheetsService],
})
export class TimesheetsModule {}
