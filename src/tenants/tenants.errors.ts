import { AppError, InvalidInput } from '../platform/errors/app-error.ts';
import { SLUG_RULE } from './slug.rules.ts';

export class SlugTaken extends AppError {
  constructor(slug: string) {
    super('conflict', 'slug_taken', `The slug ${slug} is taken.`, {
      details: [{ pointer: '/slug', code: 'taken', message: `The slug ${slug} is taken. Choose another one.` }],
    });
  }
}

export class SlugNotAllowed extends InvalidInput {
  constructor(problem: 'invalid' | 'reserved', pointer = '/slug') {
    const message = problem === 'invalid' ? SLUG_RULE : 'This slug is reserved. Choose another one.';
    super([{ pointer, code: `slug_${problem}`, message }]);
  }
}

export class PlanMissing extends AppError {
  constructor(key: string) {
    super('missing', 'plan_not_found', `There is no plan ${key}.`);
  }
}

export class TenantStatusConflict extends AppError {
  constructor(status: string, wanted: string) {
    super('conflict', 'tenant_status_conflict', `A tenant that is ${status} cannot become ${wanted}.`);
  }
}

export class PurgeHasBegun extends AppError {
  constructor() {
    super('conflict', 'purge_has_begun', 'Its data is being removed; it cannot be restored any more.');
  }
}

export class SlugNotConfirmed extends AppError {
  constructor(slug: string) {
    super('invalid', 'slug_not_confirmed', `To remove ${slug} for good, confirm with its slug: --confirm ${slug}`);
  }
}

export class SignUpUnderWay extends AppError {
  constructor(slug: string) {
    super(
      'conflict',
      'sign_up_under_way',
      `${slug} is being made at this moment. If it is still provisioning in a minute, its sign-up has died: repeat this then.`,
    );
  }
}
