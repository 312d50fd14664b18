import { Injectable } from '@nestjs/common';
import passport from 'passport';
import { readApiKey } from './api-key.rules.ts';

/** Reads the API key of a request and whom it speaks of. Whether that organisation has such a key is asked there. */
@Injectable()
export class ApiKeyStrategy extends passport.Strategy {
  constructor() {
    super();
    passport.use('api-key', this);
  }

  override authenticate({ headers }: { headers: Record<string, unknown> }): void {
    const claims = readApiKey(textOf(headers));
    if (claims) this.success(claims);
    else this.fail(401);
  }
}

function textOf({ authorization, 'x-api-key': own }: Record<string, unknown>): string {
  if (typeof own === 'string') return own;
  return typeof authorization === 'string' ? authorization.replace(/^Bearer +/i, '') : '';
}
