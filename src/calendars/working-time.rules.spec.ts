import { describe, expect, it } from '@jest/globals';
import { weekOn, workingTime, type WorkCalendar } from './working-time.rules.ts';

const NOTHING: WorkCalendar = { own: [], organisation: [], holidays: [], absences: [] };
/** Monday 1 June 2026 to Sunday 7 June 2026. */
const WEEK = { from: '2026-06-01', to: '2026-06-07' };
const PART_TIME = [360, 360, 360, 0, 300, 0, 0];

const minutes = (calendar: Partial<WorkCalendar>, range = WEEK) =>
  workingTime(range, { ...NOTHING, ...calendar }).map((day) => day.minutes);

describe('working time', () => {
  it('is eight hours from Monday to Friday where nobody has said anything', () => {
    expect(minutes({})).toEqual([480, 480, 480, 480, 480, 0, 0]);
  });

  it('is the week of the person before that of the organisation', () => {
    const organisation = [{ from: '2026-01-01', minutes: [420, 420, 420, 420, 420, 0, 0], timeZone: null }];
    expect(minutes({ organisation })).toEqual([420, 420, 420, 420, 420, 0, 0]);
    expect(minutes({ organisation, own: [{ from: '2026-01-01', minutes: PART_TIME, timeZone: null }] })).toEqual(
      PART_TIME,
    );
  });

  it('changes on the day from which another week holds, and not before', () => {
    const own = [
      { from: '2026-06-03', minutes: PART_TIME, timeZone: null },
      { from: '2026-06-06', minutes: null, timeZone: null },
      { from: '2026-05-01', minutes: [60, 60, 60, 60, 60, 60, 60], timeZone: null },
    ];
    // Monday and Tuesday by the oldest, Wednesday to Friday by the second, the weekend as the organisation works.
    expect(minutes({ own })).toEqual([60, 60, 360, 0, 300, 0, 0]);
  });

  it('is nothing on a holiday, and less on a day that is off in part', () => {
    const days = workingTime(WEEK, {
      ...NOTHING,
      holidays: [
        { day: '2026-06-04', name: 'Corpus Christi' },
        { day: '2026-06-04', name: 'Works outing' },
      ],
      absences: [
        { firstDay: '2026-06-01', lastDay: '2026-06-01', minutesPerDay: 120 },
        { firstDay: '2026-06-01', lastDay: '2026-06-02', minutesPerDay: 90 },
        { firstDay: '2026-06-04', lastDay: '2026-06-20', minutesPerDay: null },
      ],
    });
    // 480 - 120 - 90, 480 - 90, whole, holiday, off, weekend.
    expect(days.map((day) => day.minutes)).toEqual([270, 390, 480, 0, 0, 0, 0]);
    expect(days.map((day) => day.away)).toEqual([true, true, false, false, true, false, false]);
    expect(days[3]).toEqual({ date: '2026-06-04', planned: 480, minutes: 0, holiday: 'Corpus Christi', away: false });
  });

  it('is never less than nothing', () => {
    const absence = { firstDay: '2026-06-05', lastDay: '2026-06-05', minutesPerDay: 600 };
    expect(minutes({ absences: [absence, absence] }, { from: '2026-06-05', to: '2026-06-05' })).toEqual([0]);
  });

  it('has every day of a range once, over the ends of months, leap days and changes of clocks', () => {
    const days = workingTime({ from: '2028-01-01', to: '2028-12-31' }, NOTHING).map((day) => day.date);
    expect(days).toHaveLength(366);
    expect(new Set(days).size).toBe(366);
    expect(days).toEqual(expect.arrayContaining(['2028-02-29', '2028-03-26', '2028-10-29', '2028-12-31']));
  });
});

describe('the week in force', () => {
  it('tells where it comes from, and takes the time zone of whoever has said one', () => {
    const organisation = [{ from: '2026-01-01', minutes: PART_TIME, timeZone: 'Europe/Paris' }];
    expect(weekOn('2025-12-31', [], organisation)).toMatchObject({ source: 'standard', from: null, timeZone: null });
    expect(weekOn('2026-01-01', [], organisation)).toMatchObject({ source: 'organisation', from: '2026-01-01' });
    const own = [{ from: '2026-02-01', minutes: null, timeZone: 'Asia/Tokyo' }];
    expect(weekOn('2026-02-01', own, organisation)).toMatchObject({ source: 'organisation', timeZone: 'Asia/Tokyo' });
  });
});
