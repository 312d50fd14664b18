import type { MigrationInterface, QueryRunner } from 'typeorm';
import { MigrationRefused } from './database.errors.ts';

export type MigrationClass = new () => MigrationInterface;

/** One migration as text: what the ledger remembers it by, and its statements with "@tenant" still in them. */
export interface RecordedMigration {
  timestamp: number;
  name: string;
  statements: string[];
}

/** What may look like a statement and is none: literals, names, bodies of functions, comments. */
const OPAQUE = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[^]*?\$\1\$|--[^\n\r]*|\/\*[^]*?\*\//g;

const REFUSED: [RegExp, string][] = [
  [
    /^[\s(]*(?:SELECT|WITH|TABLE|VALUES|SHOW|EXPLAIN)\b/i,
    'reads. A recording has no rows to give; write one statement that does it in SQL',
  ],
  [
    /^\s*(?:BEGIN|START|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|PREPARE\s+TRANSACTION)\b/i,
    'controls the transaction. All migrations of a tenant run in one transaction',
  ],
  [/\bCONCURRENTLY\b/i, 'uses CONCURRENTLY, which cannot run in a transaction'],
  [/^\s*SET\s+(?!LOCAL\b)/i, 'uses SET, which outlives the transaction; use SET LOCAL'],
  [/^\s*(?:RESET|DISCARD|LISTEN|NOTIFY|COPY|VACUUM)\b/i, 'touches the session or cannot run in a transaction'],
];

/**
 * Runs a migration's `up` against a recorder instead of a database and gives its statements. All of them together are
 * sent later as one script, so nothing in a migration may depend on what the database answers: the recorder has
 * `query(text)` and nothing else, and the answer throws when it is looked at. Recorded twice, the text must be the same.
 *
 * @throws MigrationRefused with the reason
 */
export async function recordMigration(
  migration: MigrationClass,
  direction: 'up' | 'down' = 'up',
): Promise<RecordedMigration> {
  const first = await recordOnce(migration, direction);
  const second = await recordOnce(migration, direction);
  if (JSON.stringify(first) !== JSON.stringify(second)) {
    throw new MigrationRefused(migration.name, 'recorded twice, it gave two texts (a clock, a random value or state?)');
  }
  return first;
}

/** @throws MigrationRefused when the name does not end with one */
export function timestampOf(migrationClass: MigrationClass): number {
  const name = nameOf(migrationClass);
  const timestamp = Number(name.slice(-13));
  if (Number.isInteger(timestamp) && timestamp >= 1e12) return timestamp;
  throw new MigrationRefused(
    name,
    'the class name must end with a 13-digit timestamp, as `projectflow migration create` makes it',
  );
}

function nameOf(migrationClass: MigrationClass): string {
  return new migrationClass().name ?? migrationClass.name;
}

async function recordOnce(migrationClass: MigrationClass, direction: 'up' | 'down'): Promise<RecordedMigration> {
  const migration = new migrationClass();
  const name = nameOf(migrationClass);
  const timestamp = timestampOf(migrationClass);
  const statements: string[] = [];
  await migration[direction](recorder(name, statements));
  if (statements.length === 0) throw new MigrationRefused(name, `its ${direction}() ran no statement`);
  return { timestamp, name, statements };
}

function recorder(name: string, statements: string[]): QueryRunner {
  const query = (...args: unknown[]): Promise<unknown> => {
    const [text, parameters] = args;
    if (typeof text !== 'string') throw new MigrationRefused(name, 'query() takes a text');
    if (parameters !== undefined) {
      throw new MigrationRefused(name, 'uses parameters, which a script cannot carry; write the values into the text');
    }
    for (const statement of bareStatements(text)) {
      for (const [pattern, reason] of REFUSED) if (pattern.test(statement)) throw new MigrationRefused(name, reason);
    }
    statements.push(text.trim().replace(/[\s;]+$/, ''));
    return Promise.resolve(unreadable(name));
  };
  return new Proxy({} as QueryRunner, {
    get: (_, property) => {
      if (property === 'query') return query;
      throw new MigrationRefused(
        name,
        `uses queryRunner.${String(property)}; a recording has query(text) and nothing else`,
      );
    },
  });
}

/** A text may hold several; a COMMIT between them would split the transaction that all migrations share. */
function bareStatements(text: string): string[] {
  return text.replace(OPAQUE, (part) => (/^(?:--|\/\*)/.test(part) ? ' ' : "''")).split(';');
}

/** The answer of a recorded statement. Awaiting it is fine (`then` reads as undefined), looking into it is not. */
function unreadable(name: string): unknown {
  return new Proxy(
    {},
    {
      get: (_, property) => {
        if (property === 'then') return undefined;
        throw new MigrationRefused(name, 'looks at the answer of a statement; a recording has none');
      },
      ownKeys: () => {
        throw new MigrationRefused(name, 'looks at the answer of a statement; a recording has none');
      },
      has: () => {
        throw new MigrationRefused(name, 'looks at the answer of a statement; a recording has none');
      },
    },
  );
}
