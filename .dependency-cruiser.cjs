/**
 * The rooms of docs/architecture.md as rules: who may import whom, told from the name of the file alone.
 * `npm run imports` applies them; test/architecture/imports.spec.ts makes sure that they had something to look at.
 *
 * A type-only import is free where the rule says `atRunTime`: it leaves no trace in the running program.
 */

/** Low to high. A module uses those before it; those behind it reach it by event. A new module takes its place here. */
const ORDER = [
  'settings',
  'clusters',
  'tenants',
  'domains',
  'roles',
  'passwords',
  'second-factors',
  'users',
  'avatars',
  'holidays',
  'calendars',
  'signing-keys',
  'operators',
  'teams',
  'service-accounts',
  'api-keys',
  'email-addresses',
  'sign-in-providers',
  'sessions',
  'auth',
  'invitations',
  'oauth',
  'audit',
  'history',
  'projects',
  'permissions',
  'workflows',
  'milestones',
  'tasks',
  'dependencies',
  'scheduling',
  'timesheets',
  'time-entries',
  'resources',
  'watchers',
  'boards',
  'bulk',
  'comments',
  'attachments',
  'search',
  'activity',
  'subscriptions',
  'analytics',
  'onboarding',
  'moves',
  'archives',
  'fleet',
];

const DOMAIN = `^src/(${ORDER.join('|')})/`;
const PLATFORM = '^src/platform/';
/** main, worker, cli and what puts them together: they may import what they need, and nobody imports them. */
const ROOT = '^(src/[^/]+|ormconfig|seeds/demo[a-z-]*)[.]ts$';
/** The operators' commands: the cli in several files. They stand above the domain and start the product themselves. */
const COMMANDS = '^src/commands/';
const SPEC = '[.]spec[.]ts$';

/** Files of the domain in one of these roles, whatever their module. */
const inRole = (...roles) => `^src/(?!platform/)[^/]+/[^/]+[.](${roles.join('|')})[.]ts$`;
/** The file's own module; $1 is caught by `anyModule`. */
const anyModule = (roles) => `^src/(?!platform/)([^/]+)/[^/]+[.](${roles})[.]ts$`;
const own = (...roles) => `^src/$1/[^/]+[.](${roles.join('|')})[.]ts$`;

const packages = (...names) => `^node_modules/(${names.join('|')})/`;
const ANY_PACKAGE = '^node_modules/';
const TYPEORM = packages('typeorm', '@nestjs/typeorm', 'pg');
const HTTP_PACKAGES = packages('fastify', '@fastify', '@nestjs/platform-fastify', '@nestjs/swagger', 'helmet');

const atRunTime = { dependencyTypesNot: ['type-only'] };

const forbid = (name, comment, from, to) => ({
  name,
  comment,
  severity: 'error',
  from: typeof from === 'string' ? { path: from, pathNot: SPEC } : { pathNot: SPEC, ...from },
  to: typeof to === 'string' ? { path: to } : to,
});

const layers = [
  forbid(
    'platform-knows-no-business',
    'src/platform is technique. What it needs of the domain it asks through a port that a module fills (TenantDirectory).',
    { path: PLATFORM },
    { path: '^(src/(?!platform/)|migrations/|seeds/|bench/|test/)' },
  ),
  forbid(
    'root-is-imported-by-nobody',
    'main, worker, cli and app.module stand on top. What others need of them belongs into a module or the platform.',
    '^src/(?!commands/)[^/]+/',
    ROOT,
  ),
  forbid(
    'commands-serve-the-cli',
    'A command is a way in, like a route. What others need of it is a verb that belongs into a service.',
    { path: '^(src|seeds|migrations)/', pathNot: [COMMANDS, '^src/cli[.]ts$'] },
    COMMANDS,
  ),
  forbid(
    'src-imports-no-data',
    'Migrations and seeds are handed in by the composition root, so that a test or a command can hand in others.',
    '^src/[^/]+/',
    '^(migrations|seeds)/',
  ),
  forbid(
    'product-imports-no-test',
    'Tests and benchmarks are not there in production.',
    { path: '^(src|migrations|seeds|ormconfig)', pathNot: SPEC },
    '^(test|bench)/|[.]spec[.]ts$',
  ),
  forbid(
    'no-development-package',
    'The image installs what package.json lists under dependencies: this import would end the process at its start.',
    { path: '^(src|migrations|seeds|ormconfig)', pathNot: SPEC },
    { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], ...atRunTime },
  ),
  forbid(
    'migrations-are-frozen',
    'A released migration means the same for ever. Whatever it imported from src would change under it.',
    '^migrations/',
    { path: '^(src|seeds|bench|test)/' },
  ),
  forbid(
    'migrations-are-raw-sql',
    'A migration is recorded as text; of TypeORM it needs the types of its two arguments.',
    '^migrations/',
    { path: ANY_PACKAGE, ...atRunTime },
  ),
  forbid(
    'seeds-know-permissions-only',
    'Seeds are statements. They take the names of permissions from src, so that a wrong one does not compile.',
    { path: '^seeds/', pathNot: ROOT },
    { path: '^src/(?!platform/access/)' },
  ),
];

const modules = [
  forbid(
    'module-has-a-place',
    'A new folder in src needs its place in ORDER (.dependency-cruiser.cjs): which modules may it use?',
    { path: '^src/[^/]+/', pathNot: [DOMAIN, PLATFORM, COMMANDS] },
    {},
  ),
  forbid(
    'public-files-only',
    'Of another module only *.module, *.service, *.events and *.types can be seen. Ask its service.',
    { path: '^src/(?!platform/)([^/]+)/', pathNot: [SPEC, '[.]dto[.]ts$', '^src/commands/'] },
    { path: '^src/(?!platform/)[^/]+/', pathNot: ['^src/$1/', '[.](module|service|events|types)[.]ts$'] },
  ),
  forbid(
    'commands-check-as-http-does',
    'What an operator types is checked by the DTO of the same verb over HTTP. Otherwise a command sees what modules see.',
    '^src/commands/',
    { path: '^src/(?!platform/|commands/)[^/]+/', pathNot: '[.](module|service|events|types|dto)[.]ts$' },
  ),
  forbid(
    'dto-embeds-dto',
    'An answer may embed the answer of a lower module (signing in returns the user). Of the rest it sees what others see.',
    { path: '^src/(?!platform/)([^/]+)/[^/]+[.]dto[.]ts$' },
    { path: '^src/(?!platform/)[^/]+/', pathNot: ['^src/$1/', '[.](dto|types)[.]ts$'] },
  ),
  ...ORDER.slice(0, -1).map((module, place) =>
    forbid(
      `${module}-looks-down-only`,
      `${module} stands below ${ORDER.slice(place + 1).join(', ')}: upwards a module is reached by event only.`,
      `^src/${module}/`,
      { path: `^src/(${ORDER.slice(place + 1).join('|')})/`, pathNot: '[.]events[.]ts$' },
    ),
  ),
];

const rooms = [
  forbid(
    'module-wires-modules',
    'A *.module.ts imports the *.module.ts of others; what they offer arrives by injection.',
    { path: anyModule('module') },
    { path: '^src/(?!platform/)[^/]+/', pathNot: ['^src/$1/', '[.]module[.]ts$'] },
  ),
  forbid(
    'controller-speaks-http-only',
    'Route, permission, DTO in and out, one call of the own service. No tables, and no way around the service.',
    { path: anyModule('controller') },
    { path: [TYPEORM, own('entity', 'queries', 'policy', 'module', 'listeners', 'jobs')] },
  ),
  forbid(
    'controller-asks-its-own-service',
    "A controller that needs another module's service has found a verb that its own service lacks.",
    { path: anyModule('controller') },
    { path: '^src/(?!platform/)[^/]+/', pathNot: ['^src/$1/', '[.]types[.]ts$'] },
  ),
  forbid(
    'controller-leaves-the-database',
    'Connections, events and jobs of the platform are the business of services.',
    inRole('controller'),
    { path: '^src/platform/(database/(?!page[.])|events/|jobs/|cache/)', ...atRunTime },
  ),
  forbid(
    'dto-is-a-shape',
    'A DTO says what comes in and goes out. It calls nobody.',
    { path: anyModule('dto') },
    { path: own('service', 'controller', 'queries', 'module', 'listeners', 'jobs', 'policy'), ...atRunTime },
  ),
  forbid(
    'dto-takes-entities-as-types',
    'toTaskResponse() reads a row that it is given. With the class it could make or load one.',
    inRole('dto'),
    { path: [TYPEORM, inRole('entity')], ...atRunTime },
  ),
  forbid(
    'service-knows-no-http',
    'The same verb serves a request, a job, a listener and a command. Only the first of them has a request.',
    { path: anyModule('service') },
    {
      path: [
        HTTP_PACKAGES,
        '^src/platform/http/',
        own('controller', 'module', 'listeners', 'jobs', 'guard', 'strategy'),
      ],
    },
  ),
  forbid(
    'queries-only-read',
    'The reads that need SQL, over tables of the own module; they return plain rows and are called by the service.',
    { path: anyModule('queries') },
    {
      path: [
        HTTP_PACKAGES,
        '^src/platform/(http|events|jobs)/',
        own('service', 'controller', 'dto', 'module', 'listeners', 'jobs', 'policy', 'guard', 'strategy'),
      ],
      ...atRunTime,
    },
  ),
  forbid(
    'entity-is-one-row',
    'Columns, and the rules that need this one row. Other modules are kept as ids.',
    { path: anyModule('entity') },
    {
      path: [
        packages('@nestjs'),
        '^src/platform/(http|events|jobs|cache|config)/',
        own('service', 'controller', 'dto', 'queries', 'module', 'listeners', 'jobs', 'policy', 'guard', 'strategy'),
      ],
    },
  ),
  forbid(
    'policy-is-pure',
    'May this actor do that? What follows from these numbers? Decided from what it is given: no framework, no database, so it is tested in milliseconds.',
    { path: anyModule('policy|rules') },
    {
      path: [ANY_PACKAGE, '^src/'],
      // Packages that compute and nothing else.
      pathNot: [
        '^src/platform/(access|errors|dates|text-search)/',
        // What an address and a name are.
        '^src/platform/mail/(canonical-address|plain-names)[.]ts$',
        own('policy', 'rules', 'types', 'errors'),
        packages('fractional-indexing', 'rrule-temporal'),
      ],
      ...atRunTime,
    },
  ),
  forbid(
    'errors-are-facts',
    'Code, kind and sentence. The kind becomes a status in platform/http/problem.filter.ts and nowhere else.',
    { path: anyModule('errors') },
    {
      path: [
        ANY_PACKAGE,
        '^src/platform/(?!errors/)',
        own('service', 'controller', 'dto', 'queries', 'entity', 'module', 'listeners', 'jobs', 'guard', 'strategy'),
      ],
      ...atRunTime,
    },
  ),
  forbid(
    'events-are-records',
    'Others import them, so whatever an event imports everybody imports. Ids, not entities.',
    inRole('events'),
    { path: '^(src|node_modules)/', pathNot: '^src/platform/events/', ...atRunTime },
  ),
  forbid(
    'events-hold-no-entities',
    'An event is heard after the commit, maybe in another process: the row may have changed by then. Keep the id.',
    inRole('events'),
    inRole('entity'),
  ),
  forbid(
    'listeners-and-jobs-make-one-call',
    'They hand over to their own service, which owns the transaction and the rules.',
    { path: anyModule('listeners|jobs') },
    { path: [TYPEORM, HTTP_PACKAGES, own('entity', 'queries', 'controller', 'dto', 'policy', 'module')] },
  ),
  forbid(
    'listeners-hear-events-only',
    "Of another module a listener or job needs its events; the way to that module's service leads through the own one.",
    { path: anyModule('listeners|jobs') },
    { path: '^src/(?!platform/)[^/]+/', pathNot: ['^src/$1/', '[.](events|types)[.]ts$'] },
  ),
  forbid(
    'guards-and-strategies-ask-services',
    'They run before the permission is known and see every request: no tables of their own.',
    { path: anyModule('guard|strategy') },
    { path: [TYPEORM, own('entity', 'queries', 'controller', 'dto', 'module', 'listeners', 'jobs')] },
  ),
  forbid(
    'types-are-types',
    '*.types.ts can be seen by every module; importing it must not load anything of this one.',
    { path: anyModule('types') },
    { path: '^src/', pathNot: '^src/platform/', ...atRunTime },
  ),
];

const hygiene = [
  forbid(
    'no-cycles',
    'In a cycle one of the files runs before what it imports exists: an entity or provider is undefined at start.',
    {},
    // A cycle that a type-only edge takes part in is none at run time.
    { circular: true, viaOnly: atRunTime },
  ),
  forbid(
    'no-unresolved',
    'The import leads nowhere. Relative imports carry their extension: ./x.ts',
    {},
    { couldNotResolve: true },
  ),
  {
    name: 'no-orphans',
    comment: 'Nobody imports it and it imports nobody: forgotten, or an entry point that is missing in this list.',
    severity: 'error',
    from: { orphan: true, pathNot: [ROOT, SPEC, '^test/', '^bench/main[.]ts$', '[.]d[.]ts$'] },
    to: {},
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [...layers, ...modules, ...rooms, ...hygiene],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    // Sees `import type` too, and marks it type-only.
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
