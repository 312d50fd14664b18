import { InvalidInput } from '../platform/errors/app-error.ts';

export class UnknownRole extends InvalidInput {
  constructor(key: string, position: number) {
    super([{ pointer: `/roles/${position}`, code: 'unknown_role', message: `There is no role ${key}.` }]);
  }
}
