import { InvalidArgumentError, type Command } from 'commander';
import type pg from 'pg';
import { v7 as newId } from 'uuid';
import { SEALED_URL } from '../clusters/clusters.types.ts';
import { loadConfig } from '../platform/config/config.ts';
import { SecretBox } from '../platform/crypto/secret-box.ts';
import { openDatabaseServer } from '../platform/database/database-server.ts';
import type { MigrationClass } from '../platform/database/migration-recorder.ts';
import { checkBaseline, openOwner, runMigrations } from '../platform/database/prepare-cluster.ts';
import { MAIN_DATABASE } from '../platform/database/prepare-database.ts';
import { lookAround, takeOver, type Address, type TakenCluster } from '../platform/database/take-over.ts';
import { OperatorError } from '../platform/errors/app-error.ts';
import { currentAct } from './acts.ts';
import { isJson, print } from './output.ts';

interface TakeoverOptions {
  confirm?: boolean;
  clusterUrl?: Record<string, string>;
  leave?: string[];
}

/** For a copy of the registry, which every other command refuses to work on. */
export function registerTakeoverCommands(program: Command, migrations: MigrationClass[]): void {
  const installation = program.command('installation').description('the installation as a whole');

  installation
    .command('adopt')
    .description(
      'have a copy of the registry take the place of the original; without --confirm, say what that would mean',
    )
    .option('--confirm', 'do it: the original is refused by every cluster from then on')
    .option('--cluster-url <name=url>', 'where a cluster is now, such as a copy for a drill; may be repeated', namedUrl)
    .option('--leave <name...>', 'clusters that go on obeying the original; this registry cannot use them')
    .action((options: TakeoverOptions) => adopt(options, migrations, isJson(program)));
}

async function adopt(
  { confirm, clusterUrl = {}, leave = [] }: TakeoverOptions,
  migrations: MigrationClass[],
  json: boolean,
): Promise<void> {
  const config = loadConfig();
  const server = await openDatabaseServer(config, () => undefined);
  const owner = await openOwner(server.url, MAIN_DATABASE, config.TENANT_ROLES === 'on');
  try {
    await checkBaseline(owner, 'public', migrations, MAIN_DATABASE, server.dataDir);
    await demandRegistry(owner);
    const box = new SecretBox(server.encryptionKey, config.OLD_ENCRYPTION_KEY);
    const clusters = await readAddresses(owner, box, clusterUrl, leave);
    if (!confirm) {
      const around = await lookAround(owner, clusters);
      print({ adopted: false, clusters: around }, [...around.map(line), ...WHAT], json);
      throw new OperatorError(`Nothing was changed. To do it: ${commandOf(clusterUrl, leave)}`);
    }
    // The record may be older than this release.
    await runMigrations(server.url, 'public', migrations);
    const missed = await onRecord(owner, async () => {
      for (const [name, url] of Object.entries(clusterUrl))
        await owner.query('UPDATE public.clusters SET url = $2 WHERE name = $1', [
          name,
          box.seal(url, SEALED_URL.place(name)),
        ]);
      return takeOver(owner, clusters);
    });
    const lines = [
      'This registry is the original from now on.',
      ...missed.map(
        (name) => `The cluster ${name} does not answer, and is refused until it does and this is run again.`,
      ),
      'Compare it with what is on its clusters before it serves: projectflow tenant doctor',
    ];
    print({ adopted: true, missed }, lines, json);
  } finally {
    await owner.end().catch(() => undefined);
    await server.stop();
  }
}

const WHAT = [
  'From then on this registry is the original, and the one that it was copied from is refused by these clusters.',
  'Schemas that wait for sign-ups are left to the doctor, and deleted organisations are purged in seven days at the earliest.',
];

/** The command as it was typed, with --confirm: without an address, a cluster of the original would be taken. */
function commandOf(clusterUrl: Record<string, string>, leave: string[]): string {
  const words = ['projectflow installation adopt'];
  for (const [name, url] of Object.entries(clusterUrl)) words.push(`--cluster-url ${name}=${url}`);
  if (leave.length > 0) words.push(`--leave ${leave.join(' ')}`);
  return [...words, '--confirm'].join(' ');
}

function line({ name, tenants, state, reason }: TakenCluster): string {
  return `${name}: ${tenants} organisations; ${state}${reason ? ` (${reason})` : ''}`;
}

async function demandRegistry(owner: pg.ClientBase): Promise<void> {
  const { rows } = await owner.query<{ there: boolean }>(
    `SELECT to_regclass('public.clusters') IS NOT NULL AND to_regclass('public.operator_events') IS NOT NULL AS there`,
  );
  if (!rows[0]!.there) throw new OperatorError('In the database of DATABASE_URL there is no registry to be adopted.');
}

/** @throws OperatorError for a name that no cluster has, or when the key opens no address */
async function readAddresses(
  owner: pg.ClientBase,
  box: SecretBox,
  urls: Record<string, string>,
  leave: string[],
): Promise<Address[]> {
  const { rows } = await owner.query<{ name: string; url: string }>(
    'SELECT name, url FROM public.clusters WHERE url IS NOT NULL ORDER BY name',
  );
  const unknown = [...Object.keys(urls), ...leave].find((name) => !rows.some((row) => row.name === name));
  if (unknown !== undefined)
    throw new OperatorError(
      `There is no cluster ${unknown} beside main. There are: ${rows.map((row) => row.name).join(', ') || 'none'}.`,
    );
  return rows
    .filter(({ name }) => !leave.includes(name))
    .map(({ name, url }) => ({ name, url: urls[name] ?? openUrl(box, name, url) }));
}

function openUrl(box: SecretBox, name: string, sealed: string): string {
  try {
    return box.open(sealed, SEALED_URL.place(name));
  } catch (error) {
    throw new OperatorError(
      `The address of cluster ${name} cannot be read: ${(error as Error).message}. Give ENCRYPTION_KEY of the original.`,
    );
  }
}

/** Runs `work` between two entries of the operators' record; one that fails is on record as failed. */
async function onRecord<T>(owner: pg.ClientBase, work: () => Promise<T>): Promise<T> {
  const id = await begin(owner);
  const end = (outcome: 'done' | 'failed') =>
    owner.query('UPDATE public.operator_events SET outcome = $2 WHERE id = $1', [id, outcome]);
  try {
    const done = await work();
    await end('done');
    return done;
  } catch (error) {
    await end('failed').catch(() => undefined);
    throw error;
  }
}

async function begin(owner: pg.ClientBase): Promise<string> {
  const act = currentAct()!;
  const id = newId();
  await owner.query(
    `INSERT INTO public.operator_events (id, action, outcome, target_type, details, request_id, os_user, os_host)
     VALUES ($1, $2, 'begun', 'installation', $3, $1::uuid::text, $4, $5)`,
    [id, act.action, JSON.stringify(act.details), act.ranBy.user, act.ranBy.host],
  );
  return id;
}

function namedUrl(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, name, url] = /^([a-z][a-z0-9-]*)=(postgres(?:ql)?:\/\/.+)$/.exec(text) ?? [];
  if (!name || !url || !URL.canParse(url))
    throw new InvalidArgumentError('a name and an address, such as eu-1=postgres://user:password@host:5432/database.');
  return { ...before, [name]: url };
}
