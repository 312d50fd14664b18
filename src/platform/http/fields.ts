import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMinSize,
  IsArray,
  IsBoolean,
  isEmail,
  IsIn,
  IsObject,
  IsUUID,
  Matches,
  ValidateIf,
  registerDecorator,
} from 'class-validator';
import { canonicalTimeZone } from '../dates/time-zones.ts';
import { canonicalAddress } from '../mail/canonical-address.ts';
import { Bounds, isWithin } from './field-bounds.ts';
import { hasWebAddress, isOneLine } from '../mail/plain-names.ts';

/**
 * The fields of request bodies: each decorator checks the value and describes it in OpenAPI, so that the two cannot
 * disagree. Every field is required unless it says `optional`; null is refused unless it says `nullable`.
 */
export interface FieldOptions {
  optional?: boolean;
  nullable?: boolean;
  description?: string;
}

type Docs = { type?: string; format?: string; [key: string]: unknown };

function field(options: FieldOptions, docs: Docs, ...checks: PropertyDecorator[]): PropertyDecorator {
  const { optional, nullable, description } = options;
  return applyDecorators(
    ...checks,
    ...presence(options),
    ApiProperty({ required: !optional, nullable: nullable || undefined, description, ...docs } as never),
  );
}

function presence({ optional, nullable }: FieldOptions): PropertyDecorator[] {
  if (!optional && !nullable) return [];
  return [
    ValidateIf(
      (_, value: unknown) => !((optional === true && value === undefined) || (nullable === true && value === null)),
    ),
  ];
}

/** Text of one line or more; trimmed of nothing, stored as typed. `min` defaults to 1. */
export const Text = ({ min = 1, max, ...options }: FieldOptions & { min?: number; max: number }) =>
  field(
    options,
    { type: 'string', minLength: min, maxLength: max },
    length(min, max),
    ...(min > 0 ? [isFilled(max)] : []),
  );

/** A name or title: text of one line, without control characters, in NFC: composed and decomposed letters are one. */
export const Line = ({ min = 1, max, ...options }: FieldOptions & { min?: number; max: number }) =>
  applyDecorators(
    Text({ min, max, ...options }),
    // What is too long in any form is left to the check of its length.
    Bounds({ form: (text) => (text.length > 4 * max ? text : text.normalize('NFC')) }),
    isLine(max),
  );

/** What somebody or an organisation is called: it stands in mails, so it holds no address of the web. */
export const Name = ({ max, ...options }: FieldOptions & { max: number }) =>
  applyDecorators(
    Line({ max, ...options }),
    check(
      'web_address',
      (value) => !isWithin(value, max) || !hasWebAddress(value),
      'must not hold an address of the web; put a blank behind a dot',
    ),
  );

/** A password or token that somebody presents: compared, never stored. */
export const Secret = ({ max, ...options }: FieldOptions & { max: number }) =>
  field(options, { type: 'string', format: 'password', minLength: 1, maxLength: max }, length(1, max));

/** A new password: any characters, normalised and otherwise used as typed. What makes it a good one, the module of passwords decides. */
export const NewPassword = (options: FieldOptions = {}) =>
  field(
    options,
    {
      type: 'string',
      format: 'password',
      maxLength: 128,
      description:
        'At least 15 characters, or 8 beside a second factor, and not to be guessed with fewer than 10^10 attempts',
    },
    length(1, 128),
  );

export const Email = (options: FieldOptions = {}) =>
  field(
    options,
    { type: 'string', format: 'email', maxLength: 255 },
    check('email', isAddress, 'must be an e-mail address'),
    length(1, 255),
    // A domain that has no A-labels is nowhere.
    check(
      'email',
      (value) => isWithin(value, LONGEST_ADDRESS) && canonicalAddress(value) !== null,
      'must be an e-mail address',
    ),
  );

export const Id = (options: FieldOptions = {}) =>
  field(
    options,
    { type: 'string', format: 'uuid' },
    IsUUID(undefined, { message: ({ property }) => `${property} must be a UUID.` }),
  );

/** Time zones and the like are not named one by one. */
const MOST_NAMED = 50;

export const Choice = (choices: readonly string[], options: FieldOptions = {}) =>
  field(
    options,
    { type: 'string', enum: [...choices] },
    IsIn([...choices], {
      message: ({ property }) =>
        `${property} must be ${choices.length > MOST_NAMED ? 'one of the known values' : `one of ${choices.join(', ')}`}.`,
    }),
  );

export const Flag = (options: FieldOptions = {}) =>
  field(options, { type: 'boolean' }, IsBoolean({ message: ({ property }) => `${property} must be true or false.` }));

export const Pattern = (
  pattern: RegExp,
  message: string,
  options: FieldOptions & { min?: number; max?: number } = {},
) =>
  field(
    options,
    { type: 'string', pattern: pattern.source, minLength: options.min, maxLength: options.max },
    Matches(pattern, { message }),
  );

/** A day of the calendar, `YYYY-MM-DD`, that exists. */
export const Day = (options: FieldOptions = {}) =>
  field(options, { type: 'string', format: 'date' }, check('day', isDay, 'must be a date such as 2026-05-31'));

/** A moment, with its offset from UTC. */
export const Time = (options: FieldOptions = {}) =>
  field(
    options,
    { type: 'string', format: 'date-time' },
    check('time', isTime, 'must be a time such as 2026-05-31T12:00:00Z'),
  );

/** A time zone by its IANA name, kept under its canonical one; an offset is none, for it knows no summer. */
export const TimeZone = (options: FieldOptions = {}) =>
  field(
    options,
    { type: 'string', example: 'Europe/Berlin', maxLength: 64 },
    Bounds({ form: (text) => (isWithin(text, 64) ? canonicalTimeZone(text) : null) ?? text }),
    check(
      'time_zone',
      (value) => isWithin(value, 64) && canonicalTimeZone(value) !== null,
      'must be a time zone such as Europe/Berlin',
    ),
  );

/** A language, perhaps of a region, by its BCP 47 tag. */
export const Locale = (options: FieldOptions = {}) =>
  field(
    options,
    { type: 'string', example: 'de-CH', maxLength: 35 },
    check('locale', isLocale, 'must be a language tag such as de-CH'),
  );

/** A number without decimals, from 0 where nothing else is said. */
export const Whole = ({ min = 0, max, ...options }: FieldOptions & { min?: number; max: number }) =>
  field(
    options,
    { type: 'integer', minimum: min, maximum: max },
    check(
      'whole',
      (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
      `must be a whole number from ${min} to ${max}`,
    ),
  );

/** A number with at most `decimals` decimals, from 0 where nothing else is said. */
export const Amount = ({
  min = 0,
  max,
  decimals,
  ...options
}: FieldOptions & { min?: number; max: number; decimals: number }) =>
  field(
    options,
    { type: 'number', minimum: min, maximum: max, multipleOf: 1 / 10 ** decimals },
    check(
      'amount',
      (value) =>
        typeof value === 'number' &&
        value >= min &&
        value <= max &&
        Math.abs(value * 10 ** decimals - Math.round(value * 10 ** decimals)) < 1e-6,
      `must be a number from ${min} to ${max} with at most ${decimals} decimals`,
    ),
  );

/** A text, a number, true or false: what it must be is decided by what it is a value of. */
export const Scalar = (options: FieldOptions = {}) =>
  field(
    options,
    { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
    check(
      'scalar',
      (value) =>
        (typeof value === 'string' && value.length <= 500) || typeof value === 'number' || typeof value === 'boolean',
      'must be a text, a number, true or false',
    ),
  );

/** Money travels as a decimal text, so that no client rounds it. */
export const Money = ({ digits, ...options }: FieldOptions & { digits: number }) => {
  const pattern = new RegExp(`^\\d{1,${digits}}(\\.\\d{1,2})?$`);
  return field(
    options,
    { type: 'string', pattern: pattern.source },
    Matches(pattern, { message: ({ property }) => `${property} must be a decimal text such as "1250.00".` }),
  );
};

/** A set of texts. */
export const Texts = ({ max, length: maxLength, ...options }: FieldOptions & { max: number; length: number }) =>
  field(
    options,
    { type: 'array', items: { type: 'string', minLength: 1, maxLength }, maxItems: max },
    IsArray({ message: ({ property }) => `${property} must be a list.` }),
    Bounds({ most: max }),
    lengthOfEach(1, maxLength),
    Matches(/\S/, { each: true, message: ({ property }) => `no entry of ${property} may be blank.` }),
  );

/** Free-form JSON object of the client's own. */
export const Json = (options: FieldOptions & { maxBytes: number }) =>
  field(
    options,
    { type: 'object', additionalProperties: true },
    IsObject({ message: ({ property }) => `${property} must be an object.` }),
    check(
      'size',
      (value) => Buffer.byteLength(JSON.stringify(value ?? null)) <= options.maxBytes,
      `must be at most ${options.maxBytes} bytes`,
    ),
  );

/** The documentation takes a function for one that gives a class by its name alone. */
function lazily<T>(give: () => T): () => T {
  const type = () => give();
  return type;
}

/** A nested object with a DTO of its own. */
export const Nested = (type: () => new () => object, options: FieldOptions = {}) =>
  field(
    options,
    { type: lazily(type) as never },
    Bounds({ type }),
    IsObject({ message: ({ property }) => `${property} must be an object.` }),
  );

/** Characters of an e-mail address. */
const LONGEST_ADDRESS = 255;

/** Characters as PostgreSQL counts them: code points, whatever they look like together. */
const isLength = (value: unknown, min: number, max: number): boolean => {
  if (!isWithin(value, max)) return false;
  const count = [...value].length;
  return count >= min && count <= max;
};

const length = (min: number, max: number, tooShort?: string) =>
  check(
    'length',
    (value) => isLength(value, min, max),
    tooShort ? `has ${min} to ${max} characters. ${tooShort}` : `must be a text of ${min} to ${max} characters`,
  );

/** What is longer than any address is not taken apart. */
const isAddress = (value: unknown): boolean => isWithin(value, LONGEST_ADDRESS) && isEmail(value);

/** A list of nested objects with a DTO of its own. */
export const NestedList = (
  type: () => new () => object,
  { min = 0, max, ...options }: FieldOptions & { min?: number; max: number },
) =>
  field(
    options,
    { type: lazily(() => [type()]) as never, minItems: min, maxItems: max },
    IsArray({ message: ({ property }) => `${property} must be a list.` }),
    ArrayMinSize(min, { message: ({ property }) => `${property} has at least ${min} entries.` }),
    Bounds({ most: max, type }),
    // Without it an entry that is no object at all would pass.
    IsObject({ each: true, message: ({ property }) => `every entry of ${property} must be an object.` }),
  );

/** A SetChange of texts: the whole list, or `{ add, remove }`, so that two people who add do not undo each other. */
export const TextSet = ({ max, length: maxLength, ...options }: FieldOptions & { max: number; length: number }) => {
  const list = { type: 'array', items: { type: 'string', minLength: 1, maxLength }, maxItems: max };
  const isList = (value: unknown) =>
    Array.isArray(value) &&
    value.length <= max &&
    value.every((one) => isLength(one, 1, maxLength) && /\S/.test(one as string));
  const isChange = (value: unknown) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(([key, part]) => (key === 'add' || key === 'remove') && isList(part));
  return field(
    options,
    {
      oneOf: [list, { type: 'object', properties: { add: list, remove: list }, additionalProperties: false }],
    },
    check(
      'text_set',
      (value) => isList(value) || isChange(value),
      `must be a list of at most ${max} texts of 1 to ${maxLength} characters, or { add, remove } with such lists`,
    ),
  );
};

const isFilled = (max: number) =>
  check(
    'pattern',
    (value) => typeof value === 'string' && (!isWithin(value, max) || /\S/.test(value)),
    'must not be blank',
  );

const isLine = (max: number) =>
  check(
    'one_line',
    (value) => !isWithin(value, max) || isOneLine(value),
    'must be one line without control characters',
  );

const lengthOfEach = (min: number, max: number) =>
  check(
    'length',
    (value) => Array.isArray(value) && value.every((one) => isLength(one, min, max)),
    `must be texts of ${min} to ${max} characters`,
  );

function check(name: string, holds: (value: unknown) => boolean, demand: string): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: String(propertyName),
      options: { message: ({ property }) => `${property} ${demand}.` },
      validator: { validate: holds },
    });
}

/** A week before the calendar ends that four digits can write: what is computed from a day stays within it. */
const LAST_DAY = '9998-12-31';

export function isDay(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value) || value < '1900-01-01' || value > LAST_DAY)
    return false;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}

function isLocale(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 35) return false;
  try {
    return Intl.getCanonicalLocales(value).length === 1;
  } catch {
    return false;
  }
}

/** A day that exists, a time of that day, and an offset that PostgreSQL knows. */
export function isTime(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  const match = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-](\d{2}):\d{2})$/.exec(value);
  return match !== null && isDay(match[1]) && Number(match[2] ?? 0) < 15 && !Number.isNaN(Date.parse(value));
}
