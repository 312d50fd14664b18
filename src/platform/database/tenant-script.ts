import { MigrationRefused } from './database.errors.ts';
import { recordMigration, timestampOf, type MigrationClass, type RecordedMigration } from './migration-recorder.ts';
import { TENANT_SCHEMA } from './statement-guard.ts';

/** Statements (with "@tenant") that fill a new schema: the roles every tenant starts with. Idempotent. */
export type TenantSeed = () => string[];

/**
 * The tenant migrations and seeds as text, recorded once at start. The same recordings make a new schema in one round
 * trip and bring an old one forward, so there is no second source of truth about what a schema looks like.
 */
export class TenantScript {
  private constructor(
    readonly migrations: RecordedMigration[],
    readonly seeds: string[],
    private readonly classes: MigrationClass[],
  ) {}

  static async record(migrations: MigrationClass[], seed: TenantSeed): Promise<TenantScript> {
    const recorded: RecordedMigration[] = [];
    for (const migration of migrations) recorded.push(await recordMigration(migration));
    recorded.sort((a, b) => a.timestamp - b.timestamp);
    for (const [i, { name, timestamp }] of recorded.entries()) {
      const before = recorded[i - 1];
      // A schema that has the one would be taken to have the other as well.
      if (before?.timestamp === timestamp) throw new MigrationRefused(name, `has the same timestamp as ${before.name}`);
    }
    return new TenantScript(recorded, seed(), migrations);
  }

  /** The version this process understands: the timestamp of the newest migration. */
  get version(): number {
    return this.migrations.at(-1)?.timestamp ?? 0;
  }

  /** What a schema at `version` has, oldest first. */
  upTo(version: number): RecordedMigration[] {
    return this.migrations.filter((migration) => migration.timestamp <= version);
  }

  /** What a schema with these lines in its ledger lacks, oldest first: also one that was merged late with an old timestamp. */
  missingFrom(ledger: number[]): RecordedMigration[] {
    const applied = new Set(ledger);
    return this.migrations.filter((migration) => !applied.has(migration.timestamp));
  }

  /** The statements that undo everything newer than `version`, newest first. */
  async undoDownTo(version: number): Promise<RecordedMigration[]> {
    const newer = this.classes.filter((migration) => timestampOf(migration) > version);
    const undone: RecordedMigration[] = [];
    for (const migration of newer) undone.push(await recordMigration(migration, 'down'));
    return undone.sort((a, b) => b.timestamp - a.timestamp);
  }
}

/**
 * The ledger: TypeORM's own table, so that its command line reads the same truth. It asks for an `id` in the order of the
 * migrations, which the timestamp is: a sequence would be one more relation of every tenant.
 */
export const CREATE_LEDGER = `CREATE TABLE "${TENANT_SCHEMA}"."migrations" (
  "id" bigint GENERATED ALWAYS AS ("timestamp") STORED PRIMARY KEY, "timestamp" bigint NOT NULL, "name" text STORAGE PLAIN NOT NULL)`;

/** The statements of one migration, closed by its line in the ledger. */
export function migrationStatements({ statements, timestamp, name }: RecordedMigration): string[] {
  return [
    ...statements,
    `INSERT INTO "${TENANT_SCHEMA}"."migrations" ("timestamp", "name") VALUES (${timestamp}, '${name}')`,
  ];
}

/** The statements that take one migration back, closed by the removal of its line. */
export function undoStatements({ statements, timestamp }: RecordedMigration): string[] {
  return [...statements, `DELETE FROM "${TENANT_SCHEMA}"."migrations" WHERE "timestamp" = ${timestamp}`];
}

/** One text for one round trip. The server runs it as one transaction. */
export function asScript(statements: string[], schema: string): string {
  // On a line of its own: a statement may end with a comment.
  return statements
    .map((statement) => `${statement}\n;`)
    .join('\n')
    .replaceAll(`"${TENANT_SCHEMA}"`, () => `"${schema}"`);
}
