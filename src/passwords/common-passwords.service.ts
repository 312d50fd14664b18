import { Injectable } from '@nestjs/common';
import { kept } from '../platform/cache/kept.ts';
import { SHORTEST_BESIDE_FACTOR, type IsCommon } from './password.rules.ts';

/** The 49,000 passwords that turn up most often in leaks, of which those shorter than any that is taken do not matter. */
@Injectable()
export class CommonPasswords {
  readonly #kept = kept(read);

  /** Read when the first password is chosen, so that the start does not wait for it. */
  async load(): Promise<IsCommon> {
    const common = await this.#kept();
    return (plain) => common.has(plain);
  }
}

async function read(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set(dictionary['passwords-common'].filter((password) => password.length >= SHORTEST_BESIDE_FACTOR));
}
