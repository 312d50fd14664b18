import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { InvalidInput, type ErrorDetail } from '../errors/app-error.ts';

const MAX_DEPTH = 20;

/**
 * Turns a JSON body into its DTO and refuses whatever the DTO does not name. Everything that is wrong is told at once. No body
 * is one without fields: where none is needed, none has to be sent.
 */
@Injectable()
export class BodyPipe implements PipeTransform {
  transform(sent: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (type !== 'body' || !metatype || (metatype as unknown) === Object) return sent;
    const value = sent === undefined ? {} : sent;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new InvalidInput([{ pointer: '', code: 'object', message: 'The body must be a JSON object.' }]);
    }
    refuseHostile(value, '', 0);
    const body: object = plainToInstance(metatype as new () => object, value);
    const errors = validateSync(body, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
    if (errors.length > 0) throw new InvalidInput(errors.flatMap((error) => details(error, '')));
    return body;
  }
}

function details(error: ValidationError, parent: string): ErrorDetail[] {
  const pointer = `${parent}/${escapePointer(error.property)}`;
  const own = Object.entries(error.constraints ?? {}).map(([constraint, message]) =>
    constraint === 'whitelistValidation'
      ? { pointer, code: 'unknown_field', message: `There is no field ${error.property}.` }
      : { pointer, code: CODES[constraint] ?? constraint, message },
  );
  return [...own, ...(error.children ?? []).flatMap((child) => details(child, pointer))];
}

/** NUL cannot be stored as text, and what every object has (constructor, toString) has no business in a body. */
function refuseHostile(value: unknown, pointer: string, depth: number): void {
  if (typeof value === 'string') {
    if (value.includes('\0'))
      throw new InvalidInput([{ pointer, code: 'nul', message: 'A text cannot hold the NUL character.' }]);
    if (!value.isWellFormed())
      throw new InvalidInput([{ pointer, code: 'unicode', message: 'The text is not valid Unicode.' }]);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH)
    throw new InvalidInput([{ pointer, code: 'depth', message: `Nested deeper than ${MAX_DEPTH} levels.` }]);
  for (const [key, inner] of Object.entries(value)) {
    if (key in Object.prototype) {
      throw new InvalidInput([
        {
          pointer: `${pointer}/${escapePointer(key)}`,
          code: 'reserved_key',
          message: `${key} cannot be the name of a field.`,
        },
      ]);
    }
    refuseHostile(key, pointer, depth);
    refuseHostile(inner, `${pointer}/${escapePointer(key)}`, depth + 1);
  }
}

function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
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
