import { Module } from '@nestjs/common';
import { CalendarFiles } from './calendar-file.service.ts';
import { HolidaysController } from './holidays.controller.ts';
import { HolidaysService } from './holidays.service.ts';

/**
 * Owns: the days on which nobody of the organisation works.
 * Offers: HolidaysService. Announces: nothing. Hears: nothing.
 */
@Module({
  controllers: [HolidaysController],
  providers: [HolidaysService, CalendarFiles],
  exports: [HolidaysService],
})
export class HolidaysModule {}
