import type { Command } from 'commander';
import { hostname, userInfo } from 'node:os';
import type { CommandAct, RanBy } from '../operators/operator-events.service.ts';

type Options = Record<string, unknown>;

/** What a command does to the installation: nothing, or something that is put on record before it is done. */
type Declared = 'reads' | { action: string; unless?: (options: Options) => boolean };

const changes = (action: string, unless?: (options: Options) => boolean): Declared => ({ action, unless });
const dryRun = (options: Options) => options['dryRun'] === true;

/**
 * Every command, by its words. A test walks the commands: one that is not in here, and an entry without a command, fail it.
 * What is done over HTTP as well has the same name there.
 */
export const ACTS: Record<string, Declared> = {
  'tenant create': changes('tenant.create'),
  'tenant list': 'reads',
  'tenant show': 'reads',
  'tenant rename': changes('tenant.rename'),
  'tenant plan': changes('tenant.subscribe'),
  'tenant suspend': changes('tenant.suspend'),
  'tenant resume': changes('tenant.resume'),
  'tenant delete': changes('tenant.delete'),
  'tenant restore': changes('tenant.restore'),
  'tenant purge': changes('tenant.purge'),
  'tenant move': changes('tenant.move', ({ to, confirm, undo }) => !to && !confirm && !undo),
  // Whoever takes the data of an organisation away has changed nothing, and is on record all the same.
  'tenant backup': changes('tenant.backup'),
  'tenant export': changes('tenant.export'),
  'tenant import': changes('tenant.import'),
  'tenant clone': changes('tenant.clone'),
  'tenant verify': 'reads',
  'tenant adopt': changes('tenant.adopt'),
  'tenant drop-orphan': changes('tenant.drop_orphan'),
  'tenant status': 'reads',
  'tenant migrate': changes('fleet.migrate', dryRun),
  'tenant revert': changes('fleet.revert', (options) => dryRun(options) || options['confirm'] !== true),
  'tenant doctor': changes('fleet.mend', ({ fix }) => fix !== true),
  migrate: changes('fleet.migrate', dryRun),
  seed: changes('fleet.seed'),
  'cluster list': 'reads',
  'cluster add': changes('cluster.add'),
  'cluster change': changes('cluster.change'),
  'cluster remove': changes('cluster.remove'),
  'setting list': 'reads',
  'setting set': changes('setting.change'),
  'plan list': 'reads',
  'plan change': changes('plan.change'),
  'job list': 'reads',
  'job retry': changes('job.retry'),
  // Puts itself on record: it runs where nothing else is started.
  'installation adopt': changes('installation.adopt', ({ confirm }) => confirm !== true),
  'key list': 'reads',
  'key rotate': changes('key.rotate'),
  'key reseal': changes('key.reseal'),
  'operator create': changes('operator.created'),
  'operator list': 'reads',
  'operator disable': changes('operator.disabled'),
  'operator enable': changes('operator.enabled'),
  'operator reset': changes('operator.reset'),
  'user list': 'reads',
  'user unlock': changes('user.unlock'),
  'user reset-password': changes('user.reset_password'),
  // Of the source tree; no installation is touched.
  'migration create': 'reads',
  'migration lint': 'reads',
};

/** Passwords, and addresses with passwords in them: no record holds one. */
export const SECRET_OPTIONS = new Set(['password', 'url', 'replicaUrl', 'clusterUrl']);

let act: CommandAct | null = null;
let tenant: string | null = null;

/** Before the command's own work. */
export function noteAct(command: Command): void {
  act = actOf(command);
  const [named] = command.registeredArguments;
  tenant = named && ['slug', 'tenant'].includes(named.name()) ? (command.args[0] ?? null) : null;
}

/** The slug that the command was given, whether it reads or changes. */
export function currentTenant(): string | null {
  return tenant;
}

/** What the command that runs is about to do; null when it only reads. */
export function currentAct(): CommandAct | null {
  return act;
}

export function wordsOf(command: Command): string {
  const words: string[] = [];
  for (let each: Command | null = command; each?.parent; each = each.parent) words.unshift(each.name());
  return words.join(' ');
}

function actOf(command: Command): CommandAct | null {
  const words = wordsOf(command);
  const declared = ACTS[words];
  if (!declared) throw new Error(`the command ${words} is not declared in acts.ts`);
  const options = command.opts<Options>();
  if (declared === 'reads' || declared.unless?.(options)) return null;
  const shown = Object.entries(options).filter(([name]) => !SECRET_OPTIONS.has(name));
  const [first, ...others] = command.args;
  const target = first ?? (options['slug'] as string | undefined) ?? null;
  return {
    action: declared.action,
    // Addresses of people are kept in lower case.
    target: target?.includes('@') ? target.toLowerCase() : target,
    details: {
      command: words,
      ...Object.fromEntries(shown),
      ...(others.length > 0 ? { arguments: others } : {}),
    },
    ranBy: ranBy(),
  };
}

function ranBy(): RanBy {
  return { user: userName(), host: hostname() };
}

/** A container may run as a number that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}
