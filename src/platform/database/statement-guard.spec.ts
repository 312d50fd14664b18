import { describe, expect, it } from '@jest/globals';
import { StatementRefused } from './database.errors.ts';
import { bindSchema, SCHEMA_NAME, transactionWord } from './statement-guard.ts';

const OWN = 't_0123456789abcdef';
const FOREIGN = 't_fedcba9876543210';

const bind = (text: string) => bindSchema(text, OWN);

/** What the server passes over before it looks at a statement, in spellings that a careless check takes for something else. */
const SPACE = [
  '',
  ' ',
  '\n\t ',
  '\r\n',
  '\f\v',
  '-- a line\n',
  '-- ends at a carriage return\r',
  '--\n--\n',
  '/* a block */',
  '/* of\nlines */ ',
  '/**/',
  '/***/',
  '/*/**/*/',
  '/* they /* nest */ */',
  '/* /* twice /* three */ */ */\n',
  '/* -- */',
  '-- /*\n',
  '-- */\r',
  '/* \' " $$ */',
];

/** The same numbers in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const random = randomNumbers(42);
const pick = <T>(from: T[]): T => from[random(from.length)]!;
const space = () => Array.from({ length: random(4) }, () => pick(SPACE)).join('');
const oddCase = (text: string) =>
  [...text].map((letter) => (random(2) ? letter.toUpperCase() : letter.toLowerCase())).join('');

describe('the placeholder', () => {
  it.each([
    ['SELECT * FROM "@tenant".tasks', `SELECT * FROM "${OWN}".tasks`],
    [
      'SELECT * FROM "@tenant"."tasks" "t" JOIN "@tenant"."users" "u" ON true',
      `SELECT * FROM "${OWN}"."tasks" "t" JOIN "${OWN}"."users" "u" ON true`,
    ],
    ['SELECT tenant, "tenant" FROM "@tenant".tasks "tenant"', `SELECT tenant, "tenant" FROM "${OWN}".tasks "tenant"`],
    [
      `SELECT jsonb_path_query(x, '$."tenant"') FROM "@tenant".t`,
      `SELECT jsonb_path_query(x, '$."tenant"') FROM "${OWN}".t`,
    ],
    [`SELECT '$&', '$1', '$$' FROM "@tenant".t`, `SELECT '$&', '$1', '$$' FROM "${OWN}".t`],
    [`SELECT '"@tenant".tasks'::regclass`, `SELECT '"${OWN}".tasks'::regclass`],
    ['SELECT 1', 'SELECT 1'],
  ])('gives way to the schema in %s', (text, bound) => {
    expect(bind(text)).toBe(bound);
  });

  it.each([
    'SELECT * FROM @tenant.tasks',
    `SELECT '@tenant'`,
    'SELECT * FROM "@tenants"',
    'SELECT * FROM "x@tenant"',
    '-- @tenant\nSELECT 1',
  ])('is refused when something of it is left: %s', (text) => {
    expect(() => bind(text)).toThrow(/holds @tenant outside the quoted identifier/);
  });
});

describe('a statement', () => {
  it.each([
    'SELECT 1',
    'select 1',
    '(SELECT 1) UNION (SELECT 2)',
    'WITH done AS (DELETE FROM "@tenant".tasks RETURNING id) SELECT count(*) FROM done',
    'INSERT INTO "@tenant"."readings" ("temp") VALUES ($1)',
    'UPDATE "@tenant"."tasks" SET "status" = $1',
    'DELETE FROM "@tenant"."tasks"',
    'MERGE INTO "@tenant".tasks USING (VALUES (1)) v (id) ON false WHEN NOT MATCHED THEN INSERT (temp) VALUES (1)',
    'VALUES (1)',
    'TABLE "@tenant".tasks',
    'EXPLAIN (ANALYZE, FORMAT JSON) SELECT 1',
    `SELECT * FROM "@tenant".projects WHERE status = 'on_hold' AND "offset" > 0`,
    'SELECT pg_advisory_xact_lock(1)',
    'SELECT settings, set_by FROM "@tenant".projects',
    'DECLARE tasks CURSOR FOR SELECT 1',
    'SELECT * FROM "@tenant".tasks FOR UPDATE SKIP LOCKED',
  ])('that only touches the tenant passes: %s', (text) => {
    for (let turn = 0; turn < 20; turn += 1) expect(() => bind(space() + text)).not.toThrow();
  });

  const byFirstWord: [string, RegExp][] = [
    ['SET ROLE none', /SET outlives or loosens the bind/],
    ['SET LOCAL search_path = public', /SET outlives or loosens the bind/],
    ['SET SESSION AUTHORIZATION DEFAULT', /SET outlives or loosens the bind/],
    ['RESET ROLE', /RESET undoes the bind/],
    ['RESET ALL', /RESET undoes the bind/],
    ['DISCARD ALL', /DISCARD undoes the bind/],
    ['LISTEN tasks', /LISTEN stays on a connection that other tenants use/],
    ['UNLISTEN *', /UNLISTEN belongs to the dedicated connection/],
    ['NOTIFY tasks', /NOTIFY takes a database-wide lock/],
    ['PREPARE p AS SELECT 1', /PREPARE leaves a statement/],
    [`PREPARE TRANSACTION 'x'`, /PREPARE leaves a statement/],
    ['EXECUTE p', /EXECUTE runs a statement/],
    ['DEALLOCATE ALL', /DEALLOCATE touches statements of other tenants/],
    ['DO $$ BEGIN END $$', /DO hides its statements/],
    ['CALL p()', /CALL may commit/],
    [`LOAD 'plugin'`, /LOAD changes a connection/],
    ['COPY "@tenant".tasks TO STDOUT', /COPY needs a stream/],
    ['BEGIN', /transactions are opened by ctx.transaction/],
    ['START TRANSACTION READ ONLY', /transactions are opened and closed by ctx.transaction/],
    ['END', /transactions are closed by ctx.transaction/],
    ['ABORT', /transactions are closed by ctx.transaction/],
    ['COMMIT AND CHAIN', /transactions are opened and closed by ctx.transaction/],
    ['ROLLBACK AND CHAIN', /transactions are opened and closed by ctx.transaction/],
    ['SAVEPOINT mine', /transactions are opened and closed by ctx.transaction/],
    ['RELEASE mine', /transactions are opened and closed by ctx.transaction/],
    ['CREATE TEMP TABLE x ()', /temporary table stays on a connection/],
    ['CREATE TEMPORARY SEQUENCE x', /temporary table stays on a connection/],
    ['CREATE LOCAL TEMP TABLE x ()', /temporary table stays on a connection/],
    ['CREATE OR REPLACE TEMP VIEW x AS SELECT 1', /temporary table stays on a connection/],
    ['CREATE /* a /* nested */ one */ TEMP TABLE x ()', /temporary table stays on a connection/],
    ['SELECT 1 INTO TEMP x', /temporary table stays on a connection/],
    ['(SELECT 1 INTO TEMPORARY x)', /temporary table stays on a connection/],
    ['EXPLAIN ANALYZE CREATE TEMP TABLE x AS SELECT 1', /temporary table stays on a connection/],
    ['WITH x AS (SELECT 1) SELECT * INTO/**/TEMP y FROM x', /temporary table stays on a connection/],
    ['DECLARE c CURSOR WITH HOLD FOR SELECT 1', /cursor WITH HOLD outlives its transaction/],
    ['DECLARE c NO SCROLL CURSOR WITH/**/HOLD FOR SELECT 1', /cursor WITH HOLD outlives its transaction/],
  ];

  it.each(byFirstWord)('is refused with its reason, however it is written: %s', (text, reason) => {
    for (let turn = 0; turn < 100; turn += 1) {
      const written = space() + oddCase(text);
      expect(() => bind(written)).toThrow(StatementRefused);
      // Odd case spoils "@tenant", which comes after the first word in the order of reasons.
      expect(() => bind(written)).toThrow(reason);
    }
  });

  it.each([
    ';SET ROLE none',
    '/* */;RESET ROLE',
    '-- \r;COMMIT',
    '',
    '  ',
    '/* never closed SET',
    '*/ SET ROLE none',
    '1',
    '$$',
    '"SET"',
    'ſET ROLE none',
  ])('is refused when it does not begin with its keyword: %j', (text) => {
    expect(() => bind(text)).toThrow(/does not begin with its keyword/);
  });

  const anywhere: [string, RegExp][] = [
    [`set_config('role', 'x', false)`, /set_config\(\) changes the role/],
    [`pg_catalog.set_config('role', 'x', true)`, /set_config\(\) changes the role/],
    [`"set_config"('role', 'x', false)`, /set_config\(\) changes the role/],
    [`set_config /* ( */ ('role', 'x', false)`, /set_config\(\) changes the role/],
    [`(SELECT setting FROM pg_settings LIMIT 1)`, /pg_settings is SET under another name/],
    [`pg_notify('a', 'b')`, /pg_notify\(\) takes a database-wide lock/],
    ['pg_advisory_lock(1)', /use pg_advisory_xact_lock/],
    ['pg_advisory_lock /**/ (1, 2)', /use pg_advisory_xact_lock/],
    ['"pg_try_advisory_lock"(1)', /use pg_advisory_xact_lock/],
    ['pg_try_advisory_lock_shared(1)', /use pg_advisory_xact_lock/],
    ['pg_advisory_unlock_all()', /use pg_advisory_xact_lock/],
    ['(SELECT count(*) FROM pg_temp.loot)', /temporary table/],
    [`query_to_xml('SELECT 1', true, true, '')`, /does not see/],
    [`query_to_xml_and_xmlschema('SELECT 1', true, true, '')`, /does not see/],
    [`schema_to_xml('x', true, true, '')`, /does not see/],
    [`(SELECT count(*) FROM ts_stat('SELECT 1'))`, /does not see/],
    [`ts_rewrite('a'::tsquery, 'SELECT 1')`, /does not see/],
    [`pg_catalog."ts_rewrite" ('a'::tsquery, 'SELECT 1')`, /does not see/],
    [`lo_create(0)`, /lies in no schema/],
    [`lo_from_bytea(0, 'x')`, /lies in no schema/],
    [`lo_get(1)`, /lies in no schema/],
    [`lo_lseek64(0, 0, 0)`, /lies in no schema/],
    [`lowrite(0, 'x')`, /lies in no schema/],
    [`(SELECT count(*) FROM ${FOREIGN}.tasks)`, /names a tenant schema; write "@tenant"/],
    [`(SELECT count(*) FROM "${FOREIGN}".tasks)`, /names a tenant schema/],
    [`(SELECT count(*) FROM "${OWN}".tasks)`, /names a tenant schema/],
    [`(SELECT count(*) FROM/**/${FOREIGN}/**/./**/tasks)`, /names a tenant schema/],
    [`'${FOREIGN}.tasks'::regclass`, /names a tenant schema/],
    [`$$${FOREIGN}.tasks$$::regclass`, /names a tenant schema/],
    [`$t$${FOREIGN}.tasks$t$::regclass`, /names a tenant schema/],
    [`E'${FOREIGN}.tasks'::regclass`, /names a tenant schema/],
    [String.raw`(SELECT count(*) FROM U&"t\005ffedcba9876543210".tasks)`, /U&"\.\.\." can spell the name/],
    [String.raw`U&"set!005fconfig" UESCAPE '!'('role', 'x', false)`, /U&"\.\.\." can spell the name/],
  ];

  it.each(anywhere)('may not hold %s anywhere', (part, reason) => {
    const around = [
      (text: string) => `SELECT ${text}`,
      (text: string) => `EXPLAIN ANALYZE SELECT ${text}`,
      (text: string) => `WITH x AS (SELECT ${text} AS a) SELECT * FROM x`,
      (text: string) => `INSERT INTO "@tenant".t SELECT ${text}`,
      (text: string) => `UPDATE "@tenant".t SET a = ${text}`,
      (text: string) => `DELETE FROM "@tenant".t WHERE a = ${text} RETURNING a`,
      (text: string) => `SELECT '/*', ${text}, '*/'`,
      (text: string) => `SELECT '--', ${text}`,
      (text: string) => String.raw`SELECT E'\'', ${text}, $$'$$`,
    ];
    for (const place of around) {
      expect(() => bind(space() + place(part))).toThrow(reason);
      // Names are folded to lower case by the server; "quoted" ones are not, and then are no function at all.
      expect(() => bind(space() + place(part.replace(/\b(?!t_)[a-z_]+\b/g, oddCase)))).toThrow(reason);
    }
  });

  it('may not name a schema in capitals, which the server folds', () => {
    expect(() => bind(`SELECT * FROM ${FOREIGN.toUpperCase()}.tasks`)).toThrow(/names a tenant schema/);
  });

  it('may not hold a NUL byte, whatever follows it', () => {
    expect(() => bind('SELECT 1\0; SET ROLE none')).toThrow(/NUL byte/);
  });

  it('is not mistaken for a tenant schema by a longer or shorter name', () => {
    for (const name of ['t_0123', `x${FOREIGN}`, `${FOREIGN}0`, `${FOREIGN}_old`, 't_fedcba987654321g']) {
      expect(SCHEMA_NAME.test(name)).toBe(false);
      expect(() => bind(`SELECT * FROM "@tenant"."${name}"`)).not.toThrow();
    }
    expect(SCHEMA_NAME.test(FOREIGN)).toBe(true);
  });
});

describe('transaction control', () => {
  it.each([
    ['START TRANSACTION', 'start'],
    ['SET TRANSACTION ISOLATION LEVEL SERIALIZABLE', 'characteristics'],
    ['COMMIT', 'commit'],
    ['ROLLBACK', 'rollback'],
    ['SAVEPOINT typeorm_1', 'savepoint'],
    ['RELEASE SAVEPOINT typeorm_12', 'savepoint'],
    ['ROLLBACK TO SAVEPOINT typeorm_1', 'savepoint'],
  ])('is known in the words of TypeORM: %s', (text, word) => {
    expect(transactionWord(text)).toBe(word);
  });

  it.each([
    'START TRANSACTION READ ONLY',
    'START TRANSACTION; SET ROLE none',
    'COMMIT;',
    'COMMIT\n',
    ' COMMIT',
    'commit',
    'COMMIT AND CHAIN',
    'COMMIT; SET ROLE none',
    'ROLLBACK TO SAVEPOINT mine',
    'SAVEPOINT typeorm_1; SET ROLE none',
    'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY',
    'SET TRANSACTION READ ONLY',
    'SELECT 1',
  ])('is nothing else: %j', (text) => {
    expect(transactionWord(text)).toBeNull();
  });
});
