import { randomBytes } from 'node:crypto';
import pg from 'pg';
import pino from 'pino';
import { DataSource } from 'typeorm';
import { tenantMigrations } from '../migrations/tenant/index.ts';
import { tenantSeed } from '../seeds/tenant-seed.ts';
import { ReadyPool } from '../src/platform/database/ready-pool.ts';
import { asScript, TenantScript } from '../src/platform/database/tenant-script.ts';
import { openEngine } from './engine.ts';
import { interleave, percentile } from './load.ts';
import type { Measure } from './report.ts';
import { withBenchServer } from './server.ts';

const BARE =
  'CREATE SCHEMA and the same tables, indexes and roles as one text over pg: no database role, grants or ledger';

/** What a sign-up waits for: a ready schema, or one made in line, beside the bare DDL. */
export async function measureProvision(rounds: number, data?: string): Promise<Measure[]> {
  return withBenchServer({ data }, async (server) => {
    const engine = await openEngine(server);
    const schemas = await engine.schemas();
    const script = await TenantScript.record(tenantMigrations, tenantSeed);
    const statements = [...script.migrations.flatMap((migration) => migration.statements), ...script.seeds];
    const registry = new DataSource({ type: 'postgres', url: engine.prepared.platformUrl, installExtensions: false });
    await registry.initialize();
    const ready = new ReadyPool(registry.manager, schemas, engine.clusters, rounds + 1, pino({ level: 'silent' }));
    await ready.fill();
    const made: string[] = [];
    const timed = async (work: () => Promise<void>) => {
      const started = performance.now();
      await work();
      return performance.now() - started;
    };
    const times = await interleave(rounds, {
      claim: () =>
        timed(() =>
          registry.transaction(async (transaction) => {
            if (!(await ready.claim(transaction))) throw new Error('no schema is ready');
          }),
        ),
      line: () => timed(async () => void (await schemas.provision())),
      bare: () =>
        timed(async () => {
          const schema = `t_${randomBytes(8).toString('hex')}`;
          made.push(schema);
          await engine.owner.query(`BEGIN; CREATE SCHEMA ${schema};\n${asScript(statements, schema)}\nCOMMIT`);
        }),
    });
    for (const schema of made) await engine.owner.query(`DROP SCHEMA ${pg.escapeIdentifier(schema)} CASCADE`);
    await registry.destroy();
    await engine.close();
    const at = (side: string, part: number) =>
      percentile(
        times[side]!.sort((a, b) => a - b),
        part,
      );
    return [
      {
        what: 'claiming a ready schema: median',
        unit: 'ms',
        ours: at('claim', 0.5),
        plain: at('bare', 0.5),
        against: BARE,
      },
      {
        what: 'claiming a ready schema: p95',
        unit: 'ms',
        ours: at('claim', 0.95),
        plain: at('bare', 0.95),
        against: BARE,
      },
      { what: 'making one in line: median', unit: 'ms', ours: at('line', 0.5), plain: at('bare', 0.5), against: BARE },
      { what: 'making one in line: p95', unit: 'ms', ours: at('line', 0.95), plain: at('bare', 0.95), against: BARE },
    ];
  });
}
