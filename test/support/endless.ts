/** For threads: what does not end by itself, what is refused, and what goes wrong. */
import { InvalidInput } from '../../src/platform/errors/app-error.ts';

export function runForever(): never {
  for (;;);
}

export function refuse(field: string): never {
  throw new InvalidInput([{ pointer: `/${field}`, code: 'taken', message: `${field} is taken.` }]);
}

export function fail(): never {
  throw new Error('a fault');
}

export function double(value: number): number {
  return 2 * value;
}
