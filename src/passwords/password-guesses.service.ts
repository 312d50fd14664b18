import { Injectable } from '@nestjs/common';
import { kept } from '../platform/cache/kept.ts';
import { guessesOf, type CountGuesses } from './password.rules.ts';

/** Spellings such as `P@$$w0rd` that are tried of a piece. More of them cost more and find hardly anything. */
const MOST_SPELLINGS = 6;

/** How many guesses a password takes, by the 57,000 words and passwords that are tried first. */
@Injectable()
export class PasswordGuesses {
  readonly #kept = kept(read);

  /** Read when the first password is chosen, so that the start does not wait for it. */
  load(): Promise<CountGuesses> {
    return this.#kept();
  }
}

async function read(): Promise<CountGuesses> {
  const [{ ZxcvbnFactory }, { dictionary, adjacencyGraphs }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  const judge = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs, l33tMaxSubstitutions: MOST_SPELLINGS });
  return (password, words) => guessesOf(password, (piece) => judge.check(piece, words).guesses);
}
