import { Module } from '@nestjs/common';
import { CalendarsModule } from '../calendars/calendars.module.ts';
import { HistoryModule } from '../history/history.module.ts';
import { ProjectsModule } from '../projects/projects.module.ts';
import { TasksModule } from '../tasks/tasks.module.ts';
import { TimesheetsModule } from '../timesheets/timesheets.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { TaskTimeEntriesController } from './task-time-entries.controller.ts';
import { TimeEntriesController } from './time-entries.controller.ts';
import { TimeEntriesListeners } from './time-entries.listeners.ts';
import { TimeEntriesService } from './time-entries.service.ts';
import { TimeLedgerService } from './time-ledger.service.ts';
import { TimeRulesController } from './time-rules.controller.ts';
import { TimeRulesService } from './time-rules.service.ts';
import { TimersService } from './timers.service.ts';

/**
 * Owns: what was worked on tasks, with its history; timers; how projects round. Keeps the actual hours of tasks.
 * Offers: nothing to other modules but its events and types.
 * Announces: TimerStarted, TimeLogged, TimeEntryChanged, TimeEntryDeleted. Hears: UserDeactivated, UserDeleted.
 */
@Module({
  imports: [HistoryModule, CalendarsModule, ProjectsModule, TasksModule, TimesheetsModule, UsersModule],
  controllers: [TimeEntriesController, TaskTimeEntriesController, TimeRulesController],
  providers: [TimeEntriesService, TimersService, TimeRulesService, TimeLedgerService, TimeEntriesListeners],
})
export class TimeEntriesModule {}
