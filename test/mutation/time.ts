import type { Mutant } from './mutant.ts';

const ENTRIES = 'test/time-entries/time-entries.spec.ts';
const TIMERS = 'test/time-entries/timers.spec.ts';
const WEEKS = 'test/time-entries/timesheets.spec.ts';
const BUSY = 'test/resources/utilization.spec.ts';
const OF_OTHERS =
  'a time entry of somebody else is written, seen and corrected by those who manage time in the project alone';
const APPROVED = 'a week of somebody is approved with what was counted, and keeps what was worked in it';
const TOLD =
  'the utilization of somebody is told to themselves and to those who see all figures; what is not seen is one sum';

/** What people worked, and how busy they are. */
export const TIME: Mutant[] = [
  {
    name: 'the time of others is shown to everybody',
    file: 'src/time-entries/time-ledger.service.ts',
    find: 'managed.length === 0 ? own :',
    replace: "managed.length === 0 ? '(' + own + ' OR true)' :",
    spec: ENTRIES,
    test: OF_OTHERS,
  },
  {
    name: 'the time of others is written by everybody',
    file: 'src/time-entries/time-entry.policy.ts',
    find: `if (actor.userId !== userId) return 'time.manage';`,
    replace: 'if (actor.userId !== userId) return null;',
    spec: ENTRIES,
    test: OF_OTHERS,
  },
  {
    name: 'time is logged for people who are not in the project',
    file: 'src/time-entries/time-entries.service.ts',
    find: '!(await this.projects.holdMember(tx, projectId, userId))',
    replace: '!(await this.projects.holdMember(tx, projectId, tx.actor.userId!))',
    spec: ENTRIES,
    test: OF_OTHERS,
  },
  {
    name: 'a timer starts beside the one that runs, at the same time',
    file: 'src/time-entries/timers.service.ts',
    find: 'if (running && !stopRunning) throw',
    replace: 'if (running && stopRunning) throw',
    spec: TIMERS,
    test: 'a timer is one a person: of twenty that are started at once, one runs and the others are told which',
  },
  {
    name: 'a week is approved while its time is being written',
    file: 'src/timesheets/timesheets.queries.ts',
    find: 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))',
    replace: 'SELECT hashtextextended($1, 0)',
    spec: WEEKS,
    test: 'a week of somebody counts every entry that it has when it is approved while some are being written',
  },
  {
    name: 'time is written into approved weeks',
    file: 'src/timesheets/timesheets.service.ts',
    find: 'if (approved !== null) throw',
    replace: `if (approved === '') throw`,
    spec: WEEKS,
    test: APPROVED,
  },
  {
    name: 'a week is approved at a time at which a timer runs',
    file: 'src/timesheets/timesheets.service.ts',
    find: 'if (sheet.runningEntryId) throw',
    replace: 'if (!sheet.week && sheet.runningEntryId) throw',
    spec: WEEKS,
    test: 'a week of somebody is not approved while a timer of it runs, and starts none once it is',
  },
  {
    name: 'administrators approve their own time',
    file: 'src/timesheets/timesheet.policy.ts',
    find: `!actor.roles.includes('owner')`,
    replace: `actor.roles.includes('owner')`,
    spec: WEEKS,
    test: 'a week of somebody is approved by those who manage all time, not by oneself, but for owners',
  },
  {
    name: 'how much of their time somebody is promised is told to everybody',
    file: 'src/resources/resource.policy.ts',
    find: 'return actor.userId === userId || canSeeAllFigures(actor);',
    replace: 'return actor.userId === userId || canSeeAllFigures(actor) || true;',
    spec: BUSY,
    test: TOLD,
  },
  {
    name: 'projects that take somebody’s time are named to those who do not see them',
    file: 'src/resources/utilization.service.ts',
    find: 'const projectId = isKnown(id) ? id : null;',
    replace: 'const projectId = isKnown(id) || id ? id : null;',
    spec: BUSY,
    test: TOLD,
  },
  {
    name: 'remedies speak of projects that take time unseen',
    file: 'src/resources/remedies.rules.ts',
    find: '.filter(({ assignment }) => isKnown(assignment.projectId))',
    replace: '.filter(({ assignment }) => isKnown(assignment.projectId) || true)',
    spec: BUSY,
    test: 'over-allocations are told of people in projects whose figures one sees, without the names of other projects',
  },
];
