/* eslint-disable no-template-curly-in-string -- the mutants quote templates of the source as they stand there */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Do the tests that guard the walls between tenants and between roles notice when a wall is gone? Each mutant takes one
 * away in a copy of the tree, and the test that is named beside it must turn red there. `npm run mutation [-- word]`
 * runs all, or those whose name holds the word; it ends with 1 when one survives.
 */
interface Mutant {
  name: string;
  file: string;
  /** Stands in the file exactly once. */
  find: string;
  replace: string;
  spec: string;
  /** Full name of the test that must fail. */
  test: string;
}

const PROJECT = join(import.meta.dirname, '..');
const ISOLATION = 'test/isolation.spec.ts';
const ROLES = 'test/access/roles.spec.ts';
const ACCESS = 'test/architecture/access.spec.ts';
const CUSTOM_ROLES = 'test/roles/custom-roles.spec.ts';
const TEAMS = 'test/teams/project-teams.spec.ts';
const DOMAINS = 'test/tenants/domains.spec.ts';

const DATABASE = 'src/platform/database';
const OWN_ROLE = 'the database runs every statement under the role of its own tenant, alone and in a transaction';
const keepsOut = (route: string) => `the isolation matrix ${route} keeps the other tenant out`;
const isKeptBy = (route: string) => `the matrix of routes and roles is kept by ${route}`;

const MUTANTS: Mutant[] = [
  {
    name: 'single statements are not bound to a role',
    file: `${DATABASE}/lease.ts`,
    find: 'client.query(`BEGIN${this.#bind}`)',
    replace: `client.query('BEGIN')`,
    spec: ISOLATION,
    test: OWN_ROLE,
  },
  {
    name: 'transactions are not bound to a role',
    file: `${DATABASE}/lease.ts`,
    find: 'client.query(`START TRANSACTION${this.#bind}`)',
    replace: `client.query('START TRANSACTION')`,
    spec: ISOLATION,
    test: OWN_ROLE,
  },
  {
    name: 'everybody is bound to the role of the first tenant',
    file: `${DATABASE}/lease.ts`,
    find: 'ROLE "${this.binding.role}"',
    replace: 'ROLE "${((globalThis as any).first ??= this.binding.role)}"',
    spec: ISOLATION,
    test: OWN_ROLE,
  },
  {
    name: 'a role stays on the connection',
    file: `${DATABASE}/lease.ts`,
    find: '`; SET LOCAL ROLE',
    replace: '`; SET ROLE',
    spec: ISOLATION,
    test: 'the database keeps nobody’s role on a connection when a statement is done',
  },
  {
    name: 'every statement goes to the schema of the first tenant',
    file: `${DATABASE}/lease.ts`,
    find: 'bindSchema(text, this.binding.schema)',
    replace: 'bindSchema(text, ((globalThis as any).first ??= this.binding.schema))',
    spec: ISOLATION,
    test: keepsOut('GET /api/v1/projects/:id'),
  },
  {
    name: 'every tenant gets the handle of the first',
    file: `${DATABASE}/tenant-data-sources.ts`,
    find: 'this.#handles.get(binding.schema)',
    replace: '[...this.#handles.values()][0]',
    spec: ISOLATION,
    test: keepsOut('GET /api/v1/projects/:id'),
  },
  {
    name: 'the registry’s cache takes one slug for another',
    file: 'src/tenants/tenant-directory.service.ts',
    find: 'getOrLoad(`tenant:${key}:${value}`',
    replace: 'getOrLoad(`tenant:${key}`',
    spec: ISOLATION,
    test: keepsOut('GET /api/v1/tenants/current'),
  },
  {
    name: 'the tenant of an access token is not compared',
    file: 'src/auth/token-verifier.service.ts',
    find: 'if (addressed && addressed.id !== claims.tenant) throw new TenantMismatch();',
    replace: '',
    spec: ISOLATION,
    test: keepsOut('GET /api/v1/projects'),
  },
  {
    name: 'the tenant of a refresh token is not compared',
    file: 'src/auth/auth.service.ts',
    find: 'if (addressed && addressed.id !== tenantId) throw new TenantMismatch();',
    replace: '',
    spec: ISOLATION,
    test: keepsOut('POST /api/v1/auth/refresh'),
  },
  {
    name: 'the cache of actors forgets the tenant',
    file: 'src/auth/actors.service.ts',
    find: 'actor:${ctx.tenant.id}:',
    replace: 'actor:',
    spec: ISOLATION,
    test: keepsOut('GET /api/v1/projects'),
  },
  {
    name: 'cursors are good in any tenant',
    file: `${DATABASE}/keyset.ts`,
    find: 'const facts = [ctx.tenant.id, ',
    replace: 'const facts = [',
    spec: ISOLATION,
    test: keepsOut('GET /api/v1/projects'),
  },
  {
    name: 'the permission of a route is not asked for',
    file: 'src/platform/access/permission.guard.ts',
    find: 'if (!couldEver(actor, access.permission)) throw new PermissionDenied(access.permission);',
    replace: '',
    spec: ROLES,
    test: isKeptBy('POST /users'),
  },
  {
    name: 'everybody can do everything to a record',
    file: 'src/platform/access/abilities.ts',
    find: 'if (ties.projectRole === null) return false;',
    replace: 'return true;',
    spec: ROLES,
    test: isKeptBy('PATCH /projects/:id'),
  },
  {
    name: 'a role in one project is good in all',
    file: 'src/projects/project-membership.queries.ts',
    find: 'WHERE m.project_id = p.id AND m.user_id = ${user}',
    replace: 'WHERE m.user_id = ${user}',
    spec: ROLES,
    test: 'a role in a project gives a viewer of the organisation what it says, in that project alone',
  },
  {
    name: 'projects that may not be seen are shown',
    file: 'src/projects/projects.service.ts',
    find: 'if (!found || !canRead(ctx.actor, found.ties)) throw new ProjectMissing();\n    return found;',
    replace: 'if (!found) throw new ProjectMissing();\n    return found;',
    spec: ROLES,
    test: isKeptBy('GET /projects/:id'),
  },
  {
    name: 'tasks that may not be seen are shown',
    file: 'src/tasks/tasks.service.ts',
    find: 'if (!canReadTasks(ctx.actor, ties)) throw new TaskMissing();',
    replace: '',
    spec: ROLES,
    test: isKeptBy('GET /tasks/:id'),
  },
  {
    name: 'lists hold what may not be seen',
    file: 'src/projects/project-membership.queries.ts',
    find: `if (reach === 'all projects') return existing;`,
    replace: 'return existing;',
    spec: ROLES,
    test: 'a list shows and counts for the member what they may see, in either direction',
  },
  {
    name: 'an administrator can act on owners',
    file: 'src/users/user.policy.ts',
    find: `if (target.isOwner && !isOwner(actor)) return 'Only an owner may change an owner.';
  return target.level > actor.level`,
    replace: 'return false',
    spec: ROLES,
    test: isKeptBy('PATCH /users/:id an owner'),
  },
  {
    name: 'the last two owners do not wait for one another',
    file: 'src/users/users.queries.ts',
    find: `WHERE key = 'owner' FOR UPDATE`,
    replace: `WHERE key = 'owner'`,
    spec: ROLES,
    test: 'an owner remains when the last two demote one another at the same moment',
  },
  {
    name: 'a person’s roles are those of before the wait',
    file: 'src/users/users.queries.ts',
    find: 'if (lock) await ctx.query(`SELECT id FROM "@tenant".users WHERE id = $1 FOR UPDATE`, [id]);',
    replace: '',
    spec: ROLES,
    test: 'an owner who is made one while an administrator is about to demote them is out of reach',
  },
  {
    name: 'somebody gives what they do not hold',
    file: 'src/platform/access/role-bounds.ts',
    find: 'if (lacking === undefined) return null;',
    replace: 'return null;',
    spec: CUSTOM_ROLES,
    test: 'nobody becomes more than they are by a role with what they do not hold',
  },
  {
    name: 'a team takes in whomever',
    file: 'src/teams/teams.service.ts',
    find: 'if (lacking !== null) throw new PermissionDenied(lacking);',
    replace: '',
    spec: TEAMS,
    test: 'nobody becomes more than they are by joining a team that does more in a project than they may',
  },
  {
    name: 'a team brings its role into all projects',
    file: 'src/projects/project-membership.queries.ts',
    find: 'AND pt.project_id = p.id WHERE tm.user_id = ${user}',
    replace: 'WHERE tm.user_id = ${user}',
    spec: TEAMS,
    test: 'a team that was given a project brings everybody in it there, and nowhere else',
  },
  {
    name: 'a condition about the task is forgotten in lists',
    file: 'src/tasks/tasks.queries.ts',
    find: '`${ofTheTask(me())} AND t.project_id',
    replace: '`t.project_id',
    spec: CUSTOM_ROLES,
    test: 'a condition about the task holds in single reads, lists, counts, history and comments',
  },
  {
    name: 'a domain leads to whoever claims it',
    file: 'src/tenants/tenants.queries.ts',
    find: ' AND d.verified_at IS NOT NULL',
    replace: '',
    spec: DOMAINS,
    test: 'a domain of an organisation’s own leads to it from the verification until the removal, on every instance',
  },
  {
    name: 'a record of somebody else proves a domain',
    file: 'src/domains/domains.service.ts',
    find: 'if (!found.includes(value))',
    replace: 'if (found.length === 0)',
    spec: DOMAINS,
    test: 'a domain of an organisation’s own can be claimed by two, and proved by one',
  },
  {
    name: 'a domain of another tenant is found by its id',
    file: 'src/domains/domains.service.ts',
    find: 'findOneBy({ id, tenantId: ctx.tenant.id })',
    replace: 'findOneBy({ id })',
    spec: DOMAINS,
    test: 'a domain of an organisation’s own is nobody else’s: another organisation’s token does not fit it, and its id is unknown there',
  },
  {
    name: 'an export of another tenant is found by its id',
    file: 'src/archives/archives.service.ts',
    find: 'findOneBy({ id, tenantId: ctx.tenant.id })',
    replace: 'findOneBy({ id })',
    spec: 'test/archives/exports.spec.ts',
    test: 'an export is nobody else’s, and for those who may take all data out',
  },
  {
    name: 'two can both be the last that a plan allows',
    file: 'src/platform/tenancy/plan-limits.ts',
    find: 'await tx.query(`LOCK TABLE ${TABLES[what]} IN SHARE ROW EXCLUSIVE MODE`);',
    replace: '',
    spec: 'test/subscriptions/plans.spec.ts',
    test: 'the limits of a plan are never exceeded by 20 who create at once',
  },
  {
    name: 'a route declares nothing',
    file: 'src/roles/roles.controller.ts',
    find: `@Requires('role.read')`,
    replace: '',
    spec: ACCESS,
    test: 'every route declares who may call it',
  },
  {
    name: 'a route asks for less',
    file: 'src/users/users.controller.ts',
    find: `@Requires('user.create')`,
    replace: `@Requires('user.read')`,
    spec: ACCESS,
    test: 'every route is open to those whom access.snapshot.txt says, and to nobody else',
  },
];

interface Outcome {
  /** What the tests that ran had to complain about, by their full names; nothing when they passed. */
  tests: Map<string, string[]>;
  output: string;
}

interface Report {
  testResults: { assertionResults: { fullName: string; status: string; failureMessages: string[] }[] }[];
}

/** A tree to break: everything that a story needs, with the packages of this one. */
async function copyTree(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'projectflow-mutation-'));
  const parts = ['src', 'test', 'migrations', 'seeds', 'package.json', 'tsconfig.json', 'jest.config.js'];
  for (const part of parts) await cp(join(PROJECT, part), join(copy, part), { recursive: true });
  await symlink(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

async function run(tree: string, spec: string, tests: string[]): Promise<Outcome> {
  const results = join(tree, 'results.json');
  await rm(results, { force: true });
  const names = tests.map((test) => test.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const jest = ['node_modules/jest/bin/jest.js', '--selectProjects', 'stories', '--runTestsByPath', spec];
  const only = ['--testNamePattern', `^(${names.join('|')}) ?$`, '--json', '--outputFile', results];
  const child = spawn(process.execPath, [...flags, ...jest, ...only], { cwd: tree });
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output += text.toString()));
  await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  const report = await readFile(results, 'utf8').catch(() => '{"testResults":[]}');
  const ran = (JSON.parse(report) as Report).testResults.flatMap((file) => file.assertionResults);
  const outcomes = ran.filter((test) => test.status === 'passed' || test.status === 'failed');
  return { tests: new Map(outcomes.map((test) => [test.fullName.trim(), test.failureMessages])), output };
}

/** Red means nothing where the test is red, or missing, without a mutant. */
async function demandGreen(tree: string, mutants: Mutant[]): Promise<void> {
  for (const spec of new Set(mutants.map((mutant) => mutant.spec))) {
    const tests = [...new Set(mutants.filter((mutant) => mutant.spec === spec).map((mutant) => mutant.test))];
    const outcome = await run(tree, spec, tests);
    const wrong = tests.filter((test) => outcome.tests.get(test)?.length !== 0);
    if (wrong.length > 0) throw new Error(`not green without a mutant: ${wrong.join('; ')}\n${outcome.output}`);
  }
}

/** @throws when the text is not there, or is there twice: then the code has moved on, and the mutant must follow it */
async function mutantText(
  tree: string,
  { file, find, replace }: Mutant,
): Promise<{ original: string; changed: string }> {
  const original = await readFile(join(tree, file), 'utf8');
  const found = original.split(find).length - 1;
  if (found !== 1) throw new Error(`${file} holds this ${found} times instead of once: ${find}`);
  return { original, changed: original.replace(find, () => replace) };
}

async function runMutant(tree: string, mutant: Mutant): Promise<Outcome> {
  const { original, changed } = await mutantText(tree, mutant);
  await writeFile(join(tree, mutant.file), changed);
  try {
    return await run(tree, mutant.spec, [mutant.test]);
  } finally {
    await writeFile(join(tree, mutant.file), original);
  }
}

/** Of what Jest has to say, the line that tells what happened. */
function gist(complaint: string): string {
  const lines = complaint.replaceAll(/\u001b\[\d+m/g, '').split('\n');
  const received = lines.filter((line) => /^[+] +(?!Array|Object|Received)\S/.test(line)).map((line) => line.slice(1));
  return (received[0] ?? lines[0]!).trim().slice(0, 160);
}

async function main(word = ''): Promise<number> {
  const mutants = MUTANTS.filter((mutant) => mutant.name.includes(word));
  if (mutants.length === 0) throw new Error(`no mutant is called ${word}`);
  const tree = await copyTree();
  try {
    for (const mutant of mutants) await mutantText(tree, mutant);
    await demandGreen(tree, mutants);
    let survivors = 0;
    for (const mutant of mutants) {
      const started = performance.now();
      const outcome = await runMutant(tree, mutant);
      const complaints = outcome.tests.get(mutant.test) ?? [];
      const isRed = complaints.length > 0;
      if (!isRed) survivors += 1;
      const seconds = ((performance.now() - started) / 1_000).toFixed(1).padStart(5);
      console.log(`${isRed ? 'red     ' : 'SURVIVED'} ${seconds} s  ${mutant.name.padEnd(55)} ${mutant.test}`);
      if (isRed) console.log(`${' '.repeat(18)}${gist(complaints[0]!)}`);
      if (outcome.tests.size === 0) console.log(outcome.output);
    }
    console.log(
      `${mutants.length - survivors} of ${mutants.length} mutants were noticed by the test that is named for them`,
    );
    return survivors === 0 ? 0 : 1;
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv[2]);
