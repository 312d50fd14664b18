import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tenantMigrations } from '../../migrations/tenant/index.ts';
import { tenantSeed } from '../../seeds/tenant-seed.ts';
import { tenantEntities } from '../../src/tenant-entities.ts';
import { startEngine, type Engine } from '../support/engine.ts';

/** Tables, indexes, TOAST tables with their indexes and sequences of a schema that was just made. */
const MOST_RELATIONS = 137;
const MOST_BYTES = 1_300_000;

/** Tables with rows that may be longer than 8 kB, and the column that makes them so. Any other table has no TOAST table. */
const TOASTED: Record<string, string> = {
  audit_events: 'details',
  comments: 'body',
  history: 'new_value',
  milestones: 'description',
  projects: 'description',
  resource_assignments: 'note',
  roles: 'grants',
  search_entries: 'document',
  sign_in_providers: 'domains',
  tasks: 'description',
  teams: 'description',
  time_entries: 'note',
};

interface Relation {
  name: string;
  kind: 'r' | 'i' | 'S' | 't';
  owner: string;
}

let engine: Engine;
let schema: string;
let relations: Relation[];
beforeAll(async () => {
  engine = await startEngine({ entities: tenantEntities, migrations: tenantMigrations, seed: tenantSeed });
  schema = (await engine.schemas.provision()).schema;
  const { rows } = await engine.owner.query<Relation>(
    `WITH own AS (SELECT oid, relname::text AS name, relkind AS kind, reltoastrelid FROM pg_class WHERE relnamespace = $1::regnamespace)
     SELECT name, kind, coalesce((SELECT indrelid::regclass::text FROM pg_index WHERE indexrelid = own.oid), name) AS owner FROM own
      UNION ALL
     SELECT t.relname::text, 't', own.name FROM own JOIN pg_class t ON t.oid = own.reltoastrelid
      UNION ALL
     SELECT i.indexrelid::regclass::text, 'i', own.name FROM own JOIN pg_index i ON i.indrelid = own.reltoastrelid`,
    [schema],
  );
  relations = rows;
});
afterAll(() => engine.stop());

describe("a tenant's schema", () => {
  it(`has at most ${MOST_RELATIONS} relations`, () => {
    expect(relations.filter(({ kind }) => kind === 'r').length).toBeGreaterThan(20);
    expect(relations.length).toBeLessThanOrEqual(MOST_RELATIONS);
  });

  it(`takes at most ${MOST_BYTES / 1_000_000} MB on disk while it is empty`, async () => {
    const { rows } = await engine.owner.query<{ bytes: string }>(
      `SELECT sum(pg_total_relation_size(oid)) AS bytes FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r'`,
      [schema],
    );
    expect(Number(rows[0]!.bytes)).toBeGreaterThan(100_000);
    expect(Number(rows[0]!.bytes)).toBeLessThanOrEqual(MOST_BYTES);
  });

  it('has TOAST tables only where a row may be longer than a page', async () => {
    const toasted = relations.filter(({ kind }) => kind === 't').map(({ owner }) => owner);
    expect(toasted.sort()).toEqual(Object.keys(TOASTED).sort());
    const { rows } = await engine.owner.query<{ column: string }>(
      `SELECT relname || '.' || attname AS column FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
        WHERE relnamespace = $1::regnamespace AND attstorage = 'x'`,
      [schema],
    );
    const long = rows.map(({ column }) => column);
    expect(long).toEqual(expect.arrayContaining(Object.entries(TOASTED).map((each) => each.join('.'))));
  });

  it('bounds every text of a table without one', async () => {
    const { rows } = await engine.owner.query<{ column: string; bounds: string | null }>(
      `SELECT relname || '.' || attname AS column,
              (SELECT string_agg(pg_get_constraintdef(k.oid), ' ') FROM pg_constraint k
                WHERE k.conrelid = c.oid AND k.contype = 'c' AND a.attnum = ANY (k.conkey)) AS bounds
         FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
        WHERE relnamespace = $1::regnamespace AND relkind = 'r' AND reltoastrelid = 0 AND relname <> 'migrations'
          AND attnum > 0 AND attlen = -1 AND atttypid IN ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype)`,
      [schema],
    );
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.filter(({ bounds }) => bounds === null).map(({ column }) => column)).toEqual([]);
  });
});
