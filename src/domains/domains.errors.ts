import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class DomainMissing extends AppError {
  constructor() {
    super('missing', 'domain_not_found', 'There is no such domain.');
  }
}

export class DomainRefused extends InvalidInput {
  constructor(message: string) {
    super([{ pointer: '/domain', code: 'domain_refused', message }]);
  }
}

export class DomainTaken extends AppError {
  constructor(domain: string) {
    super('conflict', 'domain_taken', `${domain} belongs to an organisation already.`, {
      details: [{ pointer: '/domain', code: 'taken', message: `${domain} belongs to an organisation already.` }],
    });
  }
}

export class TooManyDomains extends AppError {
  constructor(most: number) {
    super('conflict', 'too_many_domains', `An organisation has at most ${most} domains. Remove one first.`);
  }
}

export class DomainNotProved extends AppError {
  constructor(name: string, value: string, found: string[]) {
    const seen = found.length === 0 ? 'No TXT record was found there.' : `Found there: ${found.slice(0, 3).join(', ')}`;
    super('conflict', 'domain_not_proved', `The TXT record ${name} must say ${value}. ${seen.slice(0, 300)}`);
  }
}

export class DomainNotVerified extends AppError {
  constructor() {
    super('conflict', 'domain_not_verified', 'Verify the domain first.');
  }
}

export class NamesCannotBeAsked extends AppError {
  constructor(cause: unknown) {
    super('unavailable', 'dns_unavailable', 'The domain name system did not answer. Try again in a moment.', {
      retryAfter: 10,
      cause,
    });
  }
}
