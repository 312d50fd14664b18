import { randomUUID } from 'node:crypto';
import type { Person, TestTenant } from '../support/tenant.ts';

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Kind = 'users' | 'projects' | 'tasks' | 'comments';

/** A tenant, the one text that stands in everything it writes, and what is known of its records. */
export interface Plot {
  canary: string;
  tenant: TestTenant;
  people: Person[];
  schema: string;
  ids: Record<Kind, string[]>;
}

export interface Call {
  method: string;
  path: string;
  body?: object;
  /** What a success has made. */
  makes?: Kind;
  /** Whether it names something that is not the tenant's own, so that it must not succeed. */
  mustFail: boolean;
}

const STATUSES = ['todo', 'in_progress', 'in_review', 'done', 'cancelled'];
const PRIORITIES = ['low', 'medium', 'high', 'urgent'];
const SORTS = ['title', '-title', 'createdAt', '-createdAt', 'priority', 'status,-title'];
const KNOWN = 200;

/** One random step at a time of one tenant, with another one's ids mixed in. */
export class Dice {
  #foreign = false;

  constructor(
    private readonly random: () => number,
    private readonly own: Plot,
    private readonly other: Plot,
  ) {}

  roll(): Call {
    const step = this.#pick(STEPS);
    this.#foreign = false;
    const call = step(this);
    return { ...call, mustFail: this.#foreign };
  }

  get canary(): string {
    return this.own.canary;
  }

  /** A text of the tenant's own: its canary and something that differs. */
  get text(): string {
    return `${this.own.canary} ${Math.floor(this.random() * 1_000)}`;
  }

  get email(): string {
    return `${randomUUID().slice(0, 13)}@${this.own.canary}.test`;
  }

  get status(): string {
    return this.#pick(STATUSES);
  }

  get priority(): string {
    return this.#pick(PRIORITIES);
  }

  get sort(): string {
    return this.#pick(SORTS);
  }

  /** The other's canary too: looking for a text is no way to it. */
  get wanted(): string {
    return this.#chance(0.5) ? this.other.canary : this.own.canary;
  }

  /** Mostly the tenant's own, else the other's or nobody's: with those the call must fail. */
  id(kind: Kind): string {
    const known = this.own.ids[kind];
    if (known.length > 0 && this.#chance(0.75)) return this.#pick(known);
    this.#foreign = true;
    const theirs = this.other.ids[kind];
    return theirs.length > 0 && this.#chance(0.9) ? this.#pick(theirs) : randomUUID();
  }

  /** For a filter, where a foreign id finds nothing and is no error. */
  idToFilter(kind: Kind): string {
    const before = this.#foreign;
    const id = this.id(kind);
    this.#foreign = before;
    return id;
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)]!;
  }

  #chance(probability: number): boolean {
    return this.random() < probability;
  }
}

export function remember(plot: Plot, kind: Kind, id: string): void {
  const known = plot.ids[kind];
  known.push(id);
  if (known.length > KNOWN) known.shift();
}

type Step = (dice: Dice) => Omit<Call, 'mustFail'>;

const get = (path: string): Omit<Call, 'mustFail'> => ({ method: 'GET', path });
const write = (method: string, path: string, body?: object, makes?: Kind): Omit<Call, 'mustFail'> => ({
  method,
  path,
  ...(body ? { body } : {}),
  ...(makes ? { makes } : {}),
});
const named = (dice: Dice) => ({ firstName: dice.text, lastName: dice.text });

const READS: Step[] = [
  () => get('/users/me'),
  () => get('/roles'),
  () => get('/tenants/current'),
  () => get('/users?count=true&sort=-lastName'),
  () => get('/projects?limit=100'),
  (dice) => get(`/tasks?limit=50&sort=${dice.sort}`),
  (dice) => get(`/tasks?title=${dice.wanted}&tags=${dice.wanted}`),
  (dice) => get(`/tasks?tags=${dice.wanted}&count=true`),
  (dice) => get(`/projects?name[neq]=${dice.wanted}`),
  (dice) => get(`/users?email=someone@${dice.wanted}.test`),
  (dice) => get(`/tasks?assigneeId=${dice.idToFilter('users')}&count=true`),
  (dice) => get(`/tasks?projectId=${dice.idToFilter('projects')}&status=${dice.status}`),
  (dice) => get(`/projects?ownerId=${dice.idToFilter('users')}`),
  (dice) => get(`/users/${dice.id('users')}`),
  (dice) => get(`/projects/${dice.id('projects')}`),
  (dice) => get(`/projects/${dice.id('projects')}/tasks`),
  (dice) => get(`/projects/${dice.id('projects')}/members`),
  (dice) => get(`/projects/${dice.id('projects')}/metrics`),
  (dice) => get(`/analytics/projects/${dice.id('projects')}/metrics`),
  (dice) => get(`/tasks/${dice.id('tasks')}`),
  (dice) => get(`/tasks/${dice.id('tasks')}/history`),
  (dice) => get(`/tasks/${dice.id('tasks')}/comments`),
  (dice) => get(`/comments/${dice.id('comments')}`),
];

const WRITES: Step[] = [
  (dice) => write('POST', '/users', { email: dice.email, ...named(dice), roles: ['member'] }, 'users'),
  (dice) => write('POST', '/projects', { name: dice.text, description: dice.text }, 'projects'),
  (dice) => {
    const { text, priority } = dice;
    const task = { projectId: dice.id('projects'), title: text, description: text, tags: [dice.canary], priority };
    return write('POST', '/tasks', task, 'tasks');
  },
  (dice) =>
    write(
      'POST',
      '/tasks',
      { projectId: dice.id('projects'), title: dice.text, parentId: dice.id('tasks'), assigneeId: dice.id('users') },
      'tasks',
    ),
  (dice) => write('POST', `/tasks/${dice.id('tasks')}/comments`, { body: dice.text }, 'comments'),
  (dice) => write('POST', `/projects/${dice.id('projects')}/members`, { userId: dice.id('users') }),
  (dice) => write('PATCH', '/users/me', named(dice)),
  (dice) => write('PATCH', `/users/${dice.id('users')}`, named(dice)),
  (dice) => write('PATCH', `/projects/${dice.id('projects')}`, { description: dice.text }),
  (dice) => write('PATCH', `/tasks/${dice.id('tasks')}`, { title: dice.text, priority: dice.priority }),
  (dice) => write('PATCH', `/comments/${dice.id('comments')}`, { body: dice.text }),
  (dice) => write('PUT', `/tasks/${dice.id('tasks')}/status`, { status: dice.status }),
  (dice) => write('PUT', `/tasks/${dice.id('tasks')}/assignee`, { assigneeId: dice.id('users') }),
  (dice) => write('PUT', `/users/${dice.id('users')}/roles`, { roles: ['manager'] }),
  // Wrong in itself: what the answer says of it is the tenant's own.
  (dice) => write('POST', '/tasks', { projectId: dice.canary, title: dice.text, colour: dice.text }),
  (dice) => get(`/tasks?colour=${dice.canary}`),
  (dice) => get(`/projects/${dice.canary}`),
];

const REMOVALS: Step[] = [
  (dice) => write('DELETE', `/tasks/${dice.id('tasks')}`),
  (dice) => write('DELETE', `/comments/${dice.id('comments')}`),
  (dice) => write('DELETE', `/projects/${dice.id('projects')}/members/${dice.id('users')}`),
];

/** Drawn from evenly: the more often a kind stands here, the more often it comes. */
const STEPS: Step[] = [...READS, ...WRITES, ...WRITES, ...REMOVALS];
