import { describe, expect, it } from '@jest/globals';
import { cleanFileName } from '../../src/attachments/file-name.rules.ts';
import { patternOf } from '../../src/calendars/working-time.rules.ts';
import { addDays } from '../../src/platform/dates/days.ts';
import { minutesOfWork } from '../../src/platform/dates/work-pattern.ts';
import { BodyPipe } from '../../src/platform/http/body.pipe.ts';
import { Email, Line, Locale, Money, Name, NewPassword, Text, Time, TimeZone } from '../../src/platform/http/fields.ts';
import { refuseUnbounded } from '../../src/platform/http/json-bounds.ts';
import { hasWebAddress } from '../../src/platform/mail/plain-names.ts';
import { peopleNamedIn } from '../../src/platform/markdown/people-named.ts';

/** What twice as much may cost of it: a linear reader takes twice as long, and a quadratic one four times. */
const MOST_GROWTH = 2.5;
/** Milliseconds: less than this says nothing. Of more than one or two, a busy machine takes a part for somebody else. */
const FLOOR_MS = 0.1;
const MOST_TRIES = 300;

/** What twice the input costs, when that is more than 2.5 times as much however often it is measured; else null. */
function growthOf(work: (size: number) => unknown, size: number): string | null {
  const measure = (of: number) => {
    const began = performance.now();
    work(of);
    return performance.now() - began;
  };
  let [one, two] = [Infinity, Infinity];
  for (let i = 0; i < MOST_TRIES; i += 1) {
    one = Math.min(one, measure(size));
    two = Math.min(two, measure(2 * size));
    // The first ones are measured while the code is still being compiled.
    if (i > 5 && two <= MOST_GROWTH * Math.max(one, FLOOR_MS)) return null;
  }
  return `${one.toFixed(2)} to ${two.toFixed(2)} ms`;
}

const attempt = (work: () => unknown) => {
  try {
    return work();
  } catch {
    return null;
  }
};

/** Made for readers that go back: delimiters without their like, ends that never come. */
const SIGNS = [
  ...[
    '*a_',
    '@*a_',
    '[',
    '![',
    '](',
    '[a](',
    '[a](b',
    '[@',
    '`',
    '``a',
    '`a``',
    '<',
    '<a ',
    '<!--',
    '@a@b.',
    '@a@b.c ',
  ],
  ...[
    '@a@',
    '@a.a@b-',
    '> ',
    '- ',
    '1. ',
    '\t',
    ' ',
    '#',
    '\\',
    '_',
    '~~~\n',
    '```\n',
    '    a\n',
    '"',
    `('"`,
    '[x](y "',
  ],
  ...['[x](<', '@[', '@[x](user:', '] ', '[]', 'a\n', '\n', '> @a@b.c\n', '[x](a (b (c ', '[x](   ', `[x](a 'b`, '😀@'],
  ` @${'a'.repeat(64)}@`,
  ` @a@${'b-'.repeat(31)}.`,
  `@a@${'a'.repeat(63)}.`,
  '@[x](user:0190b1d2-0000-7000-8000-00000000000a)',
];

/** Every kind of field that looks into a text. */
class Texts {
  @Text({ max: 10_000, optional: true }) text?: string;
  @Line({ max: 200, optional: true }) line?: string;
  @Name({ max: 100, optional: true }) name?: string;
  @Name({ max: 100_000, optional: true }) longName?: string;
  @Email({ optional: true }) email?: string;
  @NewPassword({ optional: true }) password?: string;
  @TimeZone({ optional: true }) timeZone?: string;
  @Locale({ optional: true }) locale?: string;
  @Time({ optional: true }) time?: string;
  @Money({ digits: 10, optional: true }) money?: string;
}
const TEXT_FIELDS = [
  ...['text', 'line', 'name', 'longName', 'email', 'password', 'timeZone', 'locale', 'time', 'money'],
];
const SHAPES = ['a', 'a.', '-', 'a@', 'a/', 'a-', '.', ' ', '1', ':/', 'w', 'www'];

describe('twice as much costs twice as much', () => {
  it.each(SIGNS)('of mentions in a text of %j', (sign) => {
    expect(growthOf((size) => peopleNamedIn(`@${sign.repeat(size / sign.length)}`), 4_000)).toBeNull();
  });

  it.each([' ', '.', '. ', 'a ', '\u00a0', 'e\u0301'])('of the name of a file of %j', (sign) => {
    const name = (size: number) => `a${sign.repeat(size)}b`;
    expect(growthOf((size) => attempt(() => cleanFileName(name(size))), 10_000)).toBeNull();
  });

  it.each(SHAPES)('of every field of text of %j, also of what is too long', (shape) => {
    const pipe = new BodyPipe();
    const of = (field: string) => {
      const bodies = [1, 2].map((times) => ({ [field]: shape.repeat((times * 20_000) / shape.length) }));
      const read = (size: number) => attempt(() => pipe.transform(bodies[size - 1], { type: 'body', metatype: Texts }));
      return growthOf(read, 1);
    };
    expect(TEXT_FIELDS.map((field) => [field, of(field)])).toEqual(TEXT_FIELDS.map((field) => [field, null]));
  });

  it.each(SHAPES)('of the search for an address of the web in %j', (shape) => {
    expect(growthOf((size) => hasWebAddress(shape.repeat(size / shape.length)), 20_000)).toBeNull();
  });

  it.each(['"\\"', '"\\\\"', '\\', '"', '"a":', '[', '{"a":[', '1,', `"${'\\"'.repeat(70)}",`])(
    'of the bounds of a body of %j',
    (part) => {
      const json = (size: number) => Buffer.from(part.repeat(size / part.length));
      const texts = [json(50_000), json(100_000)];
      expect(growthOf((size) => attempt(() => refuseUnbounded(texts[size - 1]!)), 1)).toBeNull();
    },
  );

  it('of the time off that is looked at for each day of a plan', () => {
    const absences = (count: number) =>
      Array.from({ length: count }, (_, i) => ({
        firstDay: addDays('2026-01-01', i % 50),
        lastDay: addDays('2046-01-01', -(i % 70)),
        minutesPerDay: i % 3 ? 1 : null,
      }));
    const [few, many] = [absences(500), absences(1_000)];
    const cost = growthOf((size) => {
      const pattern = patternOf({ own: [], organisation: [], holidays: [], absences: size === 1 ? few : many });
      for (let day = 20_000; day < 21_000; day += 1) minutesOfWork(pattern, day);
    }, 1);
    expect(cost).toBeNull();
  });
});
