import { AppError } from '../platform/errors/app-error.ts';

/** Why a schema is not given to a tenant, with the way out. */
export class AdoptionRefused extends AppError {
  constructor(reason: string) {
    super('conflict', 'adoption_refused', reason);
  }
}
