import { AppError } from '../errors/app-error.ts';

export class TenantRequired extends AppError {
  constructor() {
    super(
      'invalid',
      'tenant_required',
      'Say which organisation you mean: send X-Tenant-Domain, use its subdomain, or add ?tenant= to a GET.',
    );
  }
}

export class TenantNotFound extends AppError {
  constructor() {
    super('missing', 'tenant_not_found', 'There is no such organisation.');
  }
}

/** It was renamed: its old slug leads nobody astray, and tells where to go. */
export class TenantRenamed extends AppError {
  constructor(slug: string) {
    super('missing', 'tenant_renamed', `This organisation is now called ${slug}.`, {
      details: [{ pointer: 'X-Tenant-Domain', code: 'renamed_to', message: slug }],
    });
  }
}

/** Names the limit, the use and the plan, so that whoever reads it knows what to ask for. */
export class PlanLimitReached extends AppError {
  constructor(limit: { of: string; allowed: number; used: number; plan: string }) {
    const { of, allowed, used, plan } = limit;
    super('refused', 'plan_limit_reached', `The plan ${plan} allows ${allowed} ${of}, and ${used} are in use.`, {
      details: [{ pointer: '', code: 'plan_limit', message: `${of}: ${used} of ${allowed} (plan ${plan})` }],
    });
  }
}

export class TenantSuspended extends AppError {
  constructor() {
    super('refused', 'tenant_suspended', 'This organisation is suspended. Its owner can ask support to resume it.');
  }
}

export class TenantMismatch extends AppError {
  constructor() {
    super('refused', 'tenant_mismatch', 'The token belongs to another organisation than the one you addressed.');
  }
}

/** Being moved, still being made, or at a schema version that this process does not serve. */
export class TenantUnavailable extends AppError {
  constructor() {
    super('unavailable', 'tenant_unavailable', 'This organisation is being worked on. Try again in a moment.', {
      retryAfter: 5,
    });
  }
}

/** While a transaction is open, the context around it must not be used: its statements would run outside the transaction. */
export class OuterContextUsed extends AppError {
  constructor() {
    super(
      'internal',
      'outer_context_used',
      'A transaction is open: use the context that ctx.transaction() handed on (`tx`).',
    );
  }
}

export class NoTransaction extends AppError {
  constructor() {
    super(
      'internal',
      'no_transaction',
      'Events are announced inside ctx.transaction(), so that they commit with their cause.',
    );
  }
}
