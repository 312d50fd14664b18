import { requestOf, type Case } from './cases.ts';
import { differences, leaks, send, shapeOf, type RawAnswer, type Request } from './probes.ts';
import type { Route } from './routes.ts';
import { changes, stateOf, type State } from './state.ts';
import type { Parties, Vector } from './vectors.ts';

/** How many calls are got ready at once: of a route that only reads, where they are made at once too, and of others. */
const READS = 16;
const WRITES = 4;

/** What the other tenant has, as it was before anybody tried to reach it. */
export interface Theirs {
  secrets: string[];
  ids: Set<string>;
  state: State;
}

export interface Outcome {
  problems: string[];
  probes: number;
  refused: number;
  /** Answers to one's own calls that hold something of one's own. */
  sawOwn: number;
}

/**
 * Tries the vectors on a route, several at a time. Each is sent with one's own value and
 * has to succeed, with the other tenant's, and with one that nobody has.
 */
export class Trial {
  readonly #outcome: Outcome = { problems: [], probes: 0, refused: 0, sawOwn: 0 };
  readonly #reads: boolean;

  constructor(
    private readonly parties: Parties,
    private readonly route: Route,
    private readonly known: Case,
    private readonly theirs: Theirs,
  ) {
    // Whoever is sent somewhere is waited for: that is a GET that writes, and so is one that is put on record.
    this.#reads = route.method === 'GET' && !known.sends && !known.records;
  }

  async run(vectors: Vector[]): Promise<Outcome> {
    // What is refused and what is taken, together where possible: see #foreign.
    const ordered = vectors.toSorted((a, b) => Number(b.expected !== undefined) - Number(a.expected !== undefined));
    const size = this.known.batch ?? (this.#reads ? READS : WRITES);
    for (let at = 0; at < ordered.length; at += size) await this.#batch(ordered.slice(at, at + size));
    return this.#outcome;
  }

  async #batch(vectors: Vector[]): Promise<void> {
    this.#outcome.probes += vectors.length;
    await this.#own(vectors);
    const foreign = await this.#foreign(vectors);
    const unknown = await this.#call(vectors.map((each) => () => this.#swapped(each, each.unknown)));
    vectors.forEach((vector, i) => this.#judge(vector, foreign[i]!, unknown[i]!));
  }

  /** Once for all that leave the call as it is. */
  async #own(vectors: Vector[]): Promise<void> {
    const own = vectors.filter((each) => each.own !== undefined).map((each) => () => this.#swapped(each, each.own!));
    if (own.length < vectors.length) own.push(() => this.#fresh());
    for (const answer of await this.#call(own)) {
      demandSuccess(answer, this.known);
      if (answer.text.includes(this.parties.mine.canary)) this.#outcome.sawOwn += 1;
      for (const what of leaks(answer, [], this.theirs)) this.#complain('the own call', `shows ${what}`);
    }
  }

  async #foreign(vectors: Vector[]): Promise<RawAnswer[]> {
    const { answers, changed } = await this.#watched(vectors);
    const isTaken = ({ status }: RawAnswer) => status < 400;
    if (this.known.sends || changed.length === 0) return answers;
    const refused = vectors.filter((_, i) => !isTaken(answers[i]!));
    // What was taken may have changed something of one's own, unless it reads. What was refused is tried without it.
    const all = this.#reads || refused.length === vectors.length;
    const guilty = all ? changed : (await this.#watched(refused)).changed;
    for (const what of guilty)
      this.#complain(namesOf(all ? vectors : refused), `changed ${what}, and has no business there`);
    return answers;
  }

  /** Sends the other tenant's values. @returns the answers, and what is different now of one's own */
  async #watched(vectors: Vector[]): Promise<{ answers: RawAnswer[]; changed: string[] }> {
    if (vectors.length === 0) return { answers: [], changed: [] };
    const { mine, other } = this.parties;
    const owner = mine.app.owner;
    let before: State = {};
    const answers = await this.#call(
      vectors.map((each) => () => this.#swapped(each, each.foreign)),
      async () => (before = await stateOf(owner, [mine.schema])),
    );
    const after = await stateOf(owner, [mine.schema, other.schema]);
    const left = (this.known.visitorsLeave ?? []).flatMap((what) => [
      `${other.schema}.${what}`,
      `${what} of ${other.schema}`,
    ]);
    for (const what of changes(this.theirs.state, pick(after, this.theirs.state)))
      if (!left.includes(what)) this.#complain(namesOf(vectors), `changed ${what}`);
    const usedUp = `${mine.schema}.${this.known.usesUp}`;
    return { answers, changed: changes(before, pick(after, before)).filter((what) => what !== usedUp) };
  }

  #judge(vector: Vector, foreign: RawAnswer, unknown: RawAnswer): void {
    const { expected, name } = vector;
    const sent = [vector.foreign, vector.unknown].flatMap((value) => value.split(/[ ,]/));
    if (foreign.status >= 400) this.#outcome.refused += 1;
    for (const what of leaks(visible(foreign, this.known), sent, this.theirs))
      this.#complain(name, `the answer shows ${what}`);
    const shape = (answer: RawAnswer) => shapeOf(answer, sent, this.known.volatile);
    for (const what of differences(shape(foreign), shape(unknown))) this.#complain(name, what);
    if (expected && (foreign.status !== expected.status || foreign.json?.error?.code !== expected.code))
      this.#complain(name, `answers ${foreign.status} ${foreign.text} instead of ${expected.status} ${expected.code}`);
  }

  /** Gets all ready first, so that what is sent is all that happens. */
  async #call(ready: (() => Promise<Request>)[], then: () => Promise<unknown> = async () => {}): Promise<RawAnswer[]> {
    if (this.route.access?.kind === 'public') await this.#forgiveFailures();
    const requests = await Promise.all(ready.map((make) => make()));
    await then();
    const { url } = this.parties.mine.app;
    if (this.#reads) return Promise.all(requests.map((request) => send(url, request)));
    const answers: RawAnswer[] = [];
    for (const request of requests) answers.push(await send(url, request));
    return answers;
  }

  /** Or the fifth sign-in that fails in a row would be told to wait. */
  async #forgiveFailures(): Promise<void> {
    const { mine, other, third } = this.parties;
    for (const world of [mine, other, third]) await world.credentials.forgiveFailures();
  }

  #fresh(): Promise<Request> {
    return requestOf(this.route, this.known, this.parties.mine);
  }

  async #swapped(vector: Vector, value: string): Promise<Request> {
    return vector.put(await this.#fresh(), value);
  }

  #complain(who: string, what: string): void {
    this.#outcome.problems.push(`${who}: ${what}`);
  }
}

export function demandSuccess(answer: RawAnswer, { sends }: Case): void {
  if (sends ? answer.status === 302 : answer.status >= 200 && answer.status < 300) return;
  throw new Error(`the own call fails with ${answer.status}: ${answer.text}`);
}

function namesOf(vectors: Vector[]): string {
  return vectors.map((each) => each.name).join(' or ');
}

/** Without what anybody may know who names an organisation. */
function visible(answer: RawAnswer, { profile }: Case): RawAnswer {
  if (!profile || !answer.json?.data) return answer;
  const hidden = new Set(profile);
  return {
    ...answer,
    text: JSON.stringify(answer.json, (key, value: unknown) => (hidden.has(key) ? undefined : value)),
  };
}

function pick<T>(all: Record<string, T>, like: Record<string, unknown>): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => name in like));
}
