import type { MigrationClass } from '../src/platform/database/migration-recorder.ts';
import type { SchemaMigrations } from '../src/platform/database/schema-migrations.ts';
import { openEngine, type BenchEngine } from './engine.ts';
import { ensureFleet, type FleetTenant } from './fleet.ts';
import { inParallel } from './load.ts';
import { progress } from './progress.ts';
import type { Measure } from './report.ts';
import { withBenchServer } from './server.ts';

const WIDTH = 2;
/** So often it is the other side's turn. */
const TURNS = 20;
const BARE = 'the same DDL, one text in one transaction per schema over pg, without ledger and registry';

const FIRST = [
  `ALTER TABLE "@tenant".tasks ADD COLUMN bench_estimate numeric(7,2) CHECK (bench_estimate >= 0)`,
  `CREATE INDEX bench_tasks_by_estimate ON "@tenant".tasks (bench_estimate) WHERE deleted_at IS NULL`,
];
const SECOND = [
  `CREATE TABLE "@tenant".bench_labels (id uuid PRIMARY KEY, name text NOT NULL UNIQUE, task_id uuid NOT NULL REFERENCES "@tenant".tasks ON DELETE CASCADE)`,
  `CREATE INDEX bench_labels_by_task ON "@tenant".bench_labels (task_id)`,
];
const UNDO = `DROP TABLE IF EXISTS "@tenant".bench_labels; ALTER TABLE "@tenant".tasks DROP COLUMN IF EXISTS bench_estimate`;

class Estimates4000000000001 {
  async up(runner: { query(text: string): Promise<unknown> }): Promise<void> {
    for (const statement of FIRST) await runner.query(statement);
  }

  async down(): Promise<void> {}
}

class Labels4000000000002 {
  async up(runner: { query(text: string): Promise<unknown> }): Promise<void> {
    for (const statement of SECOND) await runner.query(statement);
  }

  async down(): Promise<void> {}
}

const LATER = [Estimates4000000000001, Labels4000000000002] as MigrationClass[];

/** Brings a fleet two migrations forward: half of it by the engine, half by bare SQL, in turns. */
export async function measureMigrate(tenants: number, data?: string): Promise<Measure[]> {
  return withBenchServer({ data }, async (server) => {
    const engine = await openEngine(server, { owners: WIDTH });
    const fleet = await ensureFleet(engine, tenants);
    const later = await engine.migrations(LATER);
    const { version } = await engine.schemas();
    const size = Math.ceil(fleet.length / TURNS);
    const spent = { ours: 0, bare: 0 };
    const counts = { ours: 0, bare: 0 };
    const bar = progress('migrating', fleet.length);
    try {
      for (let from = 0; from < fleet.length; from += size) {
        const batch = fleet.slice(from, from + size);
        const side = (from / size) % 2 === 0 ? 'ours' : 'bare';
        const started = performance.now();
        await inParallel(batch, WIDTH, async (tenant) => {
          await (side === 'ours' ? bringForward(later, tenant, version) : migrateBare(engine, tenant));
          bar.step();
        });
        spent[side] += performance.now() - started;
        counts[side] += batch.length;
      }
    } finally {
      bar.end();
      await undo(engine, fleet);
      await engine.close();
    }
    const [ours, bare] = [spent.ours / counts.ours, spent.bare / counts.bare];
    const what = `two migrations, ${fleet.length} tenants, ${WIDTH} at a time`;
    return [
      { what: `${what}: each`, unit: 'ms', ours, plain: bare, against: BARE },
      {
        what: `${what}: all of them`,
        unit: 's',
        ours: (ours * fleet.length) / 1000,
        plain: (bare * fleet.length) / 1000,
        against: BARE,
      },
    ];
  });
}

/** The engine's verb for one tenant. */
async function bringForward(migrations: SchemaMigrations, { binding }: FleetTenant, from: number): Promise<void> {
  await migrations.migrate(binding, { from });
}

async function migrateBare({ owner }: BenchEngine, { binding }: FleetTenant): Promise<void> {
  await owner.query(inSchema([...FIRST, ...SECOND].join(';\n'), binding.schema));
}

/** So that the folder can be used again: without the columns and tables, and without a word of them in the ledger. */
async function undo({ owner }: BenchEngine, fleet: FleetTenant[]): Promise<void> {
  await inParallel(fleet, WIDTH, async ({ binding: { schema } }) => {
    // One text is one transaction.
    const text = `SET LOCAL synchronous_commit = off; ${UNDO}; DELETE FROM "@tenant".migrations WHERE "timestamp" >= 4000000000001`;
    await owner.query(inSchema(text, schema));
  });
  await owner.query(
    `UPDATE public.tenants SET schema_version = (SELECT min(schema_version) FROM public.tenants) WHERE schema_version >= 4000000000001`,
  );
}

function inSchema(text: string, schema: string): string {
  return text.replaceAll('"@tenant"', `"${schema}"`);
}
