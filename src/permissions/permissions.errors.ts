import { InvalidInput } from '../platform/errors/app-error.ts';

export class QuestionRefused extends InvalidInput {
  constructor(name: string, code: string, demand: string) {
    super([{ pointer: `?${name}`, code, message: `${name} ${demand}.` }], 'invalid_query');
  }
}
