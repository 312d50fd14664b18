import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const PROJECT = join(import.meta.dirname, '../..');
const SRC = join(PROJECT, 'src');

/** What starts the product or puts it together. Everything else has a folder. */
const ROOT_FILES = [
  'app.module.ts',
  'boot.ts',
  'cli.ts',
  'main.ts',
  'stop-on-signal.ts',
  'tenant-entities.ts',
  'welcome.ts',
  'worker.ts',
];

/** Folders without a business of their own: technique, and the cli in several files. */
const NO_MODULES = ['platform', 'commands'];

/** The closed list: the role says what a file may do (.dependency-cruiser.cjs), so a file without one escapes the rules. */
const ROLES = [
  'module',
  'controller',
  'dto',
  'service',
  'queries',
  'entity',
  'policy',
  'rules',
  'errors',
  'events',
  'listeners',
  'jobs',
  'types',
  'guard',
  'strategy',
];
const WITH_ROLE = new RegExp(`^[a-z0-9]+(-[a-z0-9]+)*[.](${ROLES.join('|')})([.]spec)?[.]ts$`);
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*([.][a-z]+)*[.]ts$/;

const MOST_LINES = 400;
/** Past the first a module should be taken apart; at the second it has to be. */
const MANY_FILES = 15;
const TOO_MANY_FILES = 20;

const entries = readdirSync(SRC, { withFileTypes: true });
const modules = entries
  .filter((entry) => entry.isDirectory() && !NO_MODULES.includes(entry.name))
  .map((entry) => entry.name);

function filesOf(folder: string): string[] {
  return readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));
}

describe('a file in src', () => {
  it('stands in a folder, unless it starts or puts together the product', () => {
    const strays = entries
      .filter((entry) => entry.isFile() && !ROOT_FILES.includes(entry.name))
      .map((entry) => entry.name);
    expect(strays).toEqual([]);
  });

  it('of the domain ends with its role', () => {
    const files = modules.flatMap((module) => readdirSync(join(SRC, module)).map((file) => `${module}/${file}`));
    expect(files.length).toBeGreaterThan(40);
    expect(files.filter((file) => !WITH_ROLE.test(basename(file)))).toEqual([]);
  });

  it('of the platform and the commands is named in kebab-case, and is no barrel', () => {
    const files = NO_MODULES.flatMap((folder) => filesOf(join('src', folder)));
    expect(files.length).toBeGreaterThan(40);
    expect(files.filter((file) => !KEBAB_CASE.test(basename(file)) || basename(file) === 'index.ts')).toEqual([]);
  });

  it('and everywhere else has at most 400 lines', () => {
    const files = ['src', 'seeds', 'test', 'bench'].flatMap(filesOf);
    expect(files.length).toBeGreaterThan(100);
    const long = files.filter(
      (file) => readFileSync(join(PROJECT, file), 'utf8').trimEnd().split('\n').length > MOST_LINES,
    );
    expect(long).toEqual([]);
  });
});

/** What happened to tasks and projects, and how tasks move: kept below, shown by the modules that know who may see it. */
const WITHOUT_ROUTES = ['history', 'workflows'];

describe('a module of the domain', () => {
  it('was found', () => {
    expect(modules).toEqual(expect.arrayContaining(['tenants', 'users', 'roles', 'auth', 'projects', 'tasks']));
  });

  it.each(modules.filter((module) => !WITHOUT_ROUTES.includes(module)))(
    '%s has its module, controller and service',
    (module) => {
      const files = readdirSync(join(SRC, module));
      const roles = ['module', 'service', 'controller'];
      expect(files).toEqual(expect.arrayContaining(roles.map((role) => `${module}.${role}.ts`)));
    },
  );

  it.each(WITHOUT_ROUTES)('%s, which others show, has its module and a service, and no controller', (module) => {
    const files = readdirSync(join(SRC, module));
    expect(files).toContain(`${module}.module.ts`);
    expect(files.filter((file) => file.endsWith('.service.ts'))).not.toEqual([]);
    expect(files.filter((file) => file.endsWith('.controller.ts'))).toEqual([]);
  });

  it.each(modules)('%s has no folders inside, and fits on a screen', (module) => {
    const inside = readdirSync(join(SRC, module), { withFileTypes: true });
    expect(inside.filter((entry) => entry.isDirectory()).map((entry) => entry.name)).toEqual([]);
    const files = inside.filter((entry) => !entry.name.endsWith('.spec.ts'));
    expect(files.length).toBeLessThan(TOO_MANY_FILES);
    if (files.length > MANY_FILES) console.warn(`src/${module} has ${files.length} files: is it two modules by now?`);
  });
});

describe('the card of a module', () => {
  const cards = filesOf('src').filter((file) => file.endsWith('.module.ts') && existsSync(join(PROJECT, file)));

  it('is there for each of them', () => {
    expect(cards.length).toBeGreaterThan(10);
  });

  // app.module.ts owns nothing: it is the table of contents.
  it.each(cards.filter((file) => file !== join('src', 'app.module.ts')))('%s says what it owns and offers', (file) => {
    const comments = readFileSync(join(PROJECT, file), 'utf8').match(/\/\*\*[\s\S]*?\*\//g) ?? [];
    const card = comments.find((comment) => comment.includes('Owns:'));
    expect(card).toContain('Offers:');
  });
});
