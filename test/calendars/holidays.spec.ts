import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let mia: Person;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  mia = await acme.join('Mia', 'member');
});
afterAll(() => app.stop());

const YEAR = new Date().getUTCFullYear();

function fileOf(...events: string[][]): string {
  const lines = events.flatMap((event) => ['BEGIN:VEVENT', 'DTSTAMP:20250101T000000Z', ...event, 'END:VEVENT']);
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n');
}

const imports = (ical: string, tenant = acme) => tenant.owner.post('/calendars/holidays/import', { ical });

async function daysOf(tenant: TestTenant): Promise<[string, string][]> {
  const { data } = expectStatus(await tenant.owner.get('/calendars/holidays?limit=100'), 200);
  return data.map((each: any) => [each.day, each.name]);
}

describe('a holiday', () => {
  it('is added, seen by everybody, worked by nobody, and deleted', async () => {
    const added = expectStatus(
      await acme.owner.post('/calendars/holidays', { day: '2026-06-04', name: 'Corpus Christi' }),
      201,
    );
    expect(added.headers.get('location')).toBe(`/api/v1/calendars/holidays/${added.data.id}`);
    expect((await mia.get(`/calendars/holidays/${added.data.id}`)).data).toEqual(added.data);
    const time = async () =>
      expectStatus(await mia.get(`/users/${mia.id}/working-time?from=2026-06-03&to=2026-06-05`), 200).data;
    expect(await time()).toMatchObject({
      minutes: 960,
      days: [{ minutes: 480 }, { planned: 480, minutes: 0, holiday: 'Corpus Christi', away: false }, { minutes: 480 }],
    });
    expect((await mia.delete(`/calendars/holidays/${added.data.id}`)).status).toBe(403);
    expectStatus(await acme.owner.delete(`/calendars/holidays/${added.data.id}`), 204);
    expect((await acme.owner.delete(`/calendars/holidays/${added.data.id}`)).error.code).toBe('holiday_not_found');
    expect((await time()).minutes).toBe(1_440);
  });

  it('is found by its day', async () => {
    const globex = await signUp(app);
    for (const day of ['2026-12-26', '2026-12-25', '2027-01-01'])
      expectStatus(await globex.owner.post('/calendars/holidays', { day, name: day }), 201);
    const found = await globex.owner.get('/calendars/holidays?day[gte]=2026-12-01&day[lt]=2027-01-01');
    expect(found.data.map((each: any) => each.day)).toEqual(['2026-12-25', '2026-12-26']);
  });
});

describe('a calendar file', () => {
  it('gives its days, once and yearly, and the same file again gives nothing', async () => {
    const globex = await signUp(app);
    const file = fileOf(
      ['UID:one@test', 'SUMMARY:Founding\\, day one', 'DTSTART;VALUE=DATE:20260302'],
      ['UID:bridge@test', 'SUMMARY:Closed', 'DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261227'],
      [
        'UID:new@test',
        'SUMMARY:New Year',
        'DTSTART;VALUE=DATE:20000101',
        'RRULE:FREQ=YEARLY',
        `EXDATE;VALUE=DATE:${YEAR}0101`,
      ],
      [
        'UID:thanks@test',
        'SUMMARY:Thanksgiving',
        'DTSTART;VALUE=DATE:20001123',
        'RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH',
      ],
    );
    const yearly = 7;
    const added = 1 + 3 + (yearly - 1) + yearly;
    expect(expectStatus(await imports(file, globex), 200).data).toEqual({
      added,
      known: 0,
      skipped: 0,
      skippedEvents: [],
    });
    expect(expectStatus(await imports(file, globex), 200).data).toMatchObject({ added: 0, known: added, skipped: 0 });
    const days = await daysOf(globex);
    expect(days).toHaveLength(added);
    expect(days).toEqual(
      expect.arrayContaining([
        ['2026-03-02', 'Founding, day one'],
        ['2026-12-24', 'Closed'],
        ['2026-12-26', 'Closed'],
        ['2026-11-26', 'Thanksgiving'],
        [`${YEAR + 1}-01-01`, 'New Year'],
      ]),
    );
    expect(days).not.toContainEqual(['2026-12-27', 'Closed']);
    expect(days.map(([day]) => day)).not.toContain(`${YEAR}-01-01`);
    const { data } = expectStatus(await globex.owner.get('/tenants/current/audit-log?action=holidays.imported'), 200);
    expect(data[1].details).toEqual({ added, known: 0, skipped: 0 });
  });

  it('is taken without what is no holiday, which is named with its reason', async () => {
    const globex = await signUp(app);
    const first = 'DTSTART;VALUE=DATE:20260302';
    const unusable: [string, string[]][] = [
      ['not an all-day event', ['UID:meeting@test', 'SUMMARY:Meeting', 'DTSTART:20260302T090000Z']],
      ['RRULE cannot be read, or is not a rule of days', ['UID:hourly@test', first, 'RRULE:FREQ=HOURLY']],
      ['cancelled', ['UID:cancelled@test', 'SUMMARY:Off', 'STATUS:CANCELLED', first]],
      ['it lasts more than 31 days', ['UID:long@test', 'SUMMARY:Long', first, 'DTEND;VALUE=DATE:20270302']],
      ['it ends before it starts', ['UID:back@test', first, 'DTEND;VALUE=DATE:20260228']],
      ['DTSTART is not a day that exists', ['UID:wrong@test', 'SUMMARY:Wrong', 'DTSTART;VALUE=DATE:20260230']],
      ['DTSTART is missing', ['UID:nothing@test', 'SUMMARY:Nothing']],
      ['DURATION is not a number of days or weeks', ['UID:hours@test', first, 'DURATION:PT36H']],
      ['RDATE is not a list of days', ['UID:moments@test', first, 'RDATE:20260303T090000Z']],
      ['EXRULE is not supported', ['UID:exrule@test', first, 'RRULE:FREQ=DAILY', 'EXRULE:FREQ=WEEKLY']],
    ];
    const file = fileOf(
      ...unusable.map(([, event]) => event),
      ['UID:never@test', 'SUMMARY:Never', 'DTSTART;VALUE=DATE:20260201', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'],
      ['UID:good@test', 'SUMMARY:Good', 'DTSTART;VALUE=DATE:20260303'],
    );
    const { data } = expectStatus(await imports(file, globex), 200);
    expect(data).toMatchObject({ added: 1, known: 0, skipped: unusable.length });
    expect(data.skippedEvents.map((each: any) => [each.reason, each.uid])).toEqual(
      unusable.map(([reason, event]) => [reason, event[0]!.slice('UID:'.length)]),
    );
    expect(data.skippedEvents[0].name).toBe('Meeting');
    expect(await daysOf(globex)).toEqual([['2026-03-03', 'Good']]);
  });

  const start = 'DTSTART;VALUE=DATE:20260302';
  it.each<[string, string[][], string[]]>([
    ['DURATION:P3D', [[start, 'DURATION:P3D']], ['2026-03-02', '2026-03-03', '2026-03-04']],
    [
      'DURATION:P1W',
      [[start, 'DURATION:P1W']],
      ['02', '03', '04', '05', '06', '07', '08'].map((day) => `2026-03-${day}`),
    ],
    ['an end that is the start', [[start, 'DTEND;VALUE=DATE:20260302']], ['2026-03-02']],
    [
      'days beside its own',
      [[start, 'RDATE;VALUE=DATE:20260401,20260501', 'RDATE;VALUE=DATE:20190601']],
      ['2019-06-01', '2026-03-02', '2026-04-01', '2026-05-01'],
    ],
    [
      'days that are left out',
      [[start, 'RRULE:FREQ=DAILY;COUNT=4', 'EXDATE;VALUE=DATE:20260303', 'EXDATE:20260304T000000Z']],
      ['2026-03-02', '2026-03-05'],
    ],
    [
      'a rule of weeks',
      [[start, 'RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20260330']],
      ['2026-03-02', '2026-03-16', '2026-03-30'],
    ],
    ['a rule of months', [[start, 'RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=2']], ['2026-03-27', '2026-04-24']],
    [
      'an end of the rule in UTC',
      [[start, 'RRULE:FREQ=DAILY;UNTIL=20260304T000000Z']],
      ['2026-03-02', '2026-03-03', '2026-03-04'],
    ],
    [
      'a moved occurrence, a cancelled one and one that cannot be read',
      [
        [
          'SUMMARY:Moved',
          'RECURRENCE-ID;VALUE=DATE:20260304',
          'DTSTART;VALUE=DATE:20260310',
          'DTEND;VALUE=DATE:20260312',
        ],
        [start, 'RRULE:FREQ=DAILY;COUNT=5'],
        ['STATUS:CANCELLED', 'RECURRENCE-ID;VALUE=DATE:20260305', 'DTSTART;VALUE=DATE:20260305'],
        ['RECURRENCE-ID;VALUE=DATE:20260306', 'DTSTART:20260320T090000Z'],
      ],
      ['2026-03-02', '2026-03-03', '2026-03-06', '2026-03-10', '2026-03-11'],
    ],
    [
      'an occurrence without its series',
      [['RECURRENCE-ID;VALUE=DATE:20260304', 'DTSTART;VALUE=DATE:20260310']],
      ['2026-03-10'],
    ],
  ])('gives the days of %s', async (_, events, days) => {
    const globex = await signUp(app);
    const file = fileOf(...events.map((event) => ['UID:one@test', ...event]));
    expectStatus(await imports(file, globex), 200);
    expect((await daysOf(globex)).map(([day]) => day)).toEqual(days);
  });

  it('may begin with a byte order mark, and gives names of one line', async () => {
    const globex = await signUp(app);
    const name = `Fe${'\u0301'}te\\nof   the ${'\u{1F389}'.repeat(300)}`;
    expectStatus(await imports(`\uFEFF${fileOf(['UID:a@test', `SUMMARY:${name}`, start])}`, globex), 200);
    const [[, stored]] = (await daysOf(globex)) as [[string, string]];
    expect(stored).toBe([...`Féte of   the ${'\u{1F389}'.repeat(300)}`].slice(0, 200).join(''));
  });

  it.each([
    ['text', 'hello'],
    ['one that is cut off', 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a'],
    ['a card', 'BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Mia\r\nEND:VCARD\r\n'],
  ])('is refused when it is %s', async (_, ical) => {
    const answer = await imports(ical);
    expect([answer.status, answer.error.details[0]]).toMatchObject([400, { pointer: '/ical', code: 'ical' }]);
  });

  it('is refused before much work is done when it asks for more than a little', async () => {
    const globex = await signUp(app);
    const all = 'BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12;BYDAY=MO,TU,WE,TH,FR,SA,SU';
    const month = ['DTSTART;VALUE=DATE:19000101', 'DTEND;VALUE=DATE:19000201'];
    const always = [...month, `RRULE:FREQ=YEARLY;${all}`];
    const leaps = ['DTSTART;VALUE=DATE:19000101', 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'];
    const never = [...month, 'RRULE:FREQ=YEARLY;COUNT=9;BYMONTH=2;BYMONTHDAY=30,31;BYDAY=MO'];
    const times = (count: number, event: string[]) => Array.from({ length: count }, () => event);
    const single = (i: number) => [`UID:${i}@test`, 'DTSTART;VALUE=DATE:20260302'];
    const hostile: [string, string][] = [
      ['every day, a month each', fileOf(...times(10, always))],
      ['the same for as long as a file may be', fileOf(...times(5_000, always))],
      ['rules that never fall on a day', fileOf(...times(300, leaps))],
      ['other days each', fileOf(...times(200, month).map((event, i) => [`UID:${i}@test`, ...event]))],
      [
        'days that are looked for from 1900 on',
        fileOf(...times(50, [...always.slice(0, 2), `RRULE:FREQ=YEARLY;COUNT=99999;INTERVAL=40;${all}`])),
      ],
      ['more events', fileOf(...Array.from({ length: 2_001 }, (_, i) => single(i)))],
      ['a line of parameters', fileOf([`X-A${';A=b'.repeat(200_000)}:1`])],
      ['the same, folded', fileOf([`X-A${';A=b\r\n '.repeat(80_000)}:1`])],
      ['more lines', fileOf(times(60_000, ['X:']).flat())],
    ];
    for (const [what, ical] of hostile) {
      const answer = await imports(ical, globex);
      expect([what, answer.status, answer.error?.details[0]]).toMatchObject([
        what,
        400,
        { pointer: '/ical', code: 'ical_size', message: expect.stringContaining('too much') },
      ]);
    }
    // Such as repeats itself, or never comes, is no harm.
    expectStatus(await imports(fileOf(...times(1_000, month), never), globex), 200);
    expect(await daysOf(globex)).toHaveLength(31);
  });

  it('is refused when it holds more than an organisation can have, and nothing of it stays', async () => {
    const globex = await signUp(app);
    const month = (i: number) => {
      const start = new Date(Date.UTC(1990, i, 1)).toISOString().slice(0, 10).replaceAll('-', '');
      const end = new Date(Date.UTC(1990, i + 1, 1)).toISOString().slice(0, 10).replaceAll('-', '');
      return [`UID:${i}@test`, `DTSTART;VALUE=DATE:${start}`, `DTEND;VALUE=DATE:${end}`];
    };
    const months = Array.from({ length: 120 }, (_, i) => month(i));
    expectStatus(await imports(fileOf(...months.slice(0, 110)), globex), 200);
    const more = fileOf(...months.map(([, ...days], i) => [`UID:more-${i}@test`, ...days]));
    const full = await imports(more, globex);
    expect([full.status, full.error.code]).toEqual([409, 'holidays_full']);
    const { meta } = expectStatus(await globex.owner.get('/calendars/holidays?count=true&limit=1'), 200);
    expect(meta.total).toBeLessThan(3_500);
  });
});
