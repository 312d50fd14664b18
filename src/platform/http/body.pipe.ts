import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { getMetadataStorage, validateSync } from 'class-validator';
import { InvalidInput, MOST_PROBLEMS, type ErrorDetail } from '../errors/app-error.ts';
import { boundsOf } from './field-bounds.ts';

type Dto = new () => object;
/** A value that is on its way into a DTO; lists are objects with numbers for names. */
type Members = Record<string, unknown>;

/**
 * Turns a JSON body into its DTO and refuses whatever the DTO does not name. What is wrong is told at once, up to a bound
 * at which nothing further is looked at. No body is one without fields: where none is needed, none has to be sent.
 */
@Injectable()
export class BodyPipe implements PipeTransform {
  transform(sent: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (type !== 'body' || !metatype || (metatype as unknown) === Object) return sent;
    const value = sent === undefined ? {} : sent;
    if (!isMembers(value)) {
      throw new InvalidInput([{ pointer: '', code: 'object', message: 'The body must be a JSON object.' }]);
    }
    refuseHostile(value);
    const problems: ErrorDetail[] = [];
    const body = read(metatype as Dto, value, '', problems);
    if (problems.length > 0) throw new InvalidInput(problems);
    return body;
  }
}

/** Problems are added until there are more than are told; entries behind that are not looked at. */
function read(type: Dto, value: Members, at: string, problems: ErrorDetail[]): object {
  const body = new type() as Members;
  const known = namesOf(type);
  for (const name of Object.keys(value)) {
    if (known.has(name)) continue;
    problems.push({ pointer: pointerTo(at, name), code: 'unknown_field', message: `There is no field ${name}.` });
    if (problems.length > MOST_PROBLEMS) return body;
  }
  const tooLong = [...known].filter((name) => isTooLong(value[name], boundsOf(type, name)?.most));
  for (const name of tooLong) {
    const message = `${name} has at most ${boundsOf(type, name)!.most} entries.`;
    problems.push({ pointer: pointerTo(at, name), code: 'too_many', message });
  }
  if (tooLong.length > 0) return body;
  for (const name of known)
    if (Object.hasOwn(value, name)) body[name] = inForm(value[name], boundsOf(type, name)?.form);
  for (const { property, constraints = {} } of validateSync(body, { forbidUnknownValues: true }))
    for (const [check, message] of Object.entries(constraints))
      problems.push({ pointer: pointerTo(at, property), code: CODES[check] ?? check, message });
  for (const name of known) {
    const inner = boundsOf(type, name)?.type?.();
    if (inner) body[name] = readNested(inner, body[name], pointerTo(at, name), problems);
  }
  return body;
}

function readNested(type: Dto, value: unknown, at: string, problems: ErrorDetail[]): unknown {
  if (isMembers(value)) return read(type, value, at, problems);
  if (!Array.isArray(value)) return value;
  return value.map((entry: unknown, i) =>
    isMembers(entry) && problems.length <= MOST_PROBLEMS ? read(type, entry, `${at}/${i}`, problems) : entry,
  );
}

const names = new WeakMap<Dto, ReadonlySet<string>>();

/** The fields of a DTO, in the order in which they are declared. */
function namesOf(type: Dto): ReadonlySet<string> {
  const known = names.get(type);
  if (known) return known;
  const checks = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  const found = new Set(checks.map(({ propertyName }) => propertyName));
  names.set(type, found);
  return found;
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function inForm(value: unknown, form: ((text: string) => string) | undefined): unknown {
  return typeof value === 'string' && form ? form(value) : value;
}

function isTooLong(value: unknown, most: number | undefined): boolean {
  return most !== undefined && Array.isArray(value) && value.length > most;
}

/** What is hostile in a body, and where: names from the inside to the outside. */
interface Hostile {
  code: string;
  message: string;
  path: string[];
}

/** NUL cannot be stored as text, and what every object has (constructor, toString) has no business in a body. */
function findHostile(value: unknown): Hostile | null {
  if (typeof value === 'string') return hostileText(value);
  if (typeof value !== 'object' || value === null) return null;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) {
      const found = findHostile(value[i]);
      if (found) return within(String(i), found);
    }
    return null;
  }
  for (const key of Object.keys(value)) {
    const found =
      key in Object.prototype
        ? { code: 'reserved_key', message: `${key} cannot be the name of a field.`, path: [] }
        : (hostileText(key) ?? findHostile((value as Members)[key]));
    if (found) return within(key, found);
  }
  return null;
}

function within(name: string, found: Hostile): Hostile {
  found.path.push(name);
  return found;
}

/** Longer runs stand in no language (Unicode Standard Annex 15, Stream-Safe Text), and what composes letters sorts them slowly. */
const TOO_MANY_MARKS = /(?<!\p{M})\p{M}{31}/u;

function hostileText(text: string): Hostile | null {
  if (TOO_MANY_MARKS.test(text))
    return { code: 'combining_marks', message: 'A letter has at most 30 combining marks.', path: [] };
  if (text.includes('\0')) return { code: 'nul', message: 'A text cannot hold the NUL character.', path: [] };
  return text.isWellFormed() ? null : { code: 'unicode', message: 'The text is not valid Unicode.', path: [] };
}

function refuseHostile(value: unknown): void {
  const found = findHostile(value);
  if (!found) return;
  const { code, message, path } = found;
  throw new InvalidInput([{ pointer: path.reverse().reduce(pointerTo, '').toWellFormed(), code, message }]);
}

/** RFC 6901. */
function pointerTo(parent: string, name: string): string {
  return `${parent}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Codes are ours and stay; the names of the checks belong to the library. */
const CODES: Record<string, string> = {
  isUuid: 'uuid',
  isEmail: 'email',
  isIn: 'choice',
  isBoolean: 'boolean',
  isObject: 'object',
  isArray: 'list',
  arrayMaxSize: 'too_many',
  matches: 'pattern',
  nestedValidation: 'object',
};
