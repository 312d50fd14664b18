import { Injectable } from '@nestjs/common';
import { Resolver } from 'node:dns/promises';

/** Two labels or more of letters, digits and inner hyphens, the last one not a number: an address is no domain. */
export const DOMAIN_PATTERN = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/** No record of that name, or no such name: an answer, not a failure. */
const NOTHING = new Set(['ENODATA', 'ENOTFOUND', 'ESERVFAIL', 'EREFUSED']);

/** Asks the domain name system. Tests put another one in its place. */
@Injectable()
export class DomainNames {
  readonly #resolver = new Resolver({ timeout: 2_000, tries: 2 });

  /** The TXT records of a name, each in one piece; none when it does not exist. @throws when nobody can be asked */
  async resolveTxt(name: string): Promise<string[]> {
    try {
      return (await this.#resolver.resolveTxt(name)).map((parts) => parts.join(''));
    } catch (error) {
      if (error instanceof Error && 'code' in error && NOTHING.has(String(error.code))) return [];
      throw error;
    }
  }
}
