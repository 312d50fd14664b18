import { Module } from '@nestjs/common';
import { HolidaysModule } from '../holidays/holidays.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { CalendarsController } from './calendars.controller.ts';
import { CalendarsListeners } from './calendars.listeners.ts';
import { CalendarsService } from './calendars.service.ts';
import { TimeOffController } from './time-off.controller.ts';
import { TimeOffService } from './time-off.service.ts';

/**
 * Owns: when people work: weeks, the organisation's and their own, and time off.
 * Offers: CalendarsService. Announces: nothing. Hears: UserDeleted.
 */
@Module({
  imports: [HolidaysModule, UsersModule],
  controllers: [CalendarsController, TimeOffController],
  providers: [CalendarsService, TimeOffService, CalendarsListeners],
  exports: [CalendarsService],
})
export class CalendarsModule {}
