import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { Clusters } from '../platform/database/clusters.ts';
import { SchemaManager } from '../platform/database/schema-manager.ts';
import { SchemaMigrations } from '../platform/database/schema-migrations.ts';
import { OperatorError } from '../platform/errors/app-error.ts';
import { concerns } from './fleet.queries.ts';
import { RELEASES } from './fleet.types.ts';

/** Schemas whose rows one statement counts. */
const CHUNK = 50;

/** What going back to an older version takes away. */
export interface Loss {
  tenants: number;
  /** Tables that go, each with its rows in all tenants. */
  tables: { name: string; rows: number }[];
  /** Columns that go from tables that stay. */
  columns: string[];
  rows: number;
}

interface Concerned {
  schema: string;
  cluster: string;
  version: number;
}

/** What is asked before a fleet is taken back: how much goes, and whether that is further than one release. */
@Injectable()
export class RevertingService {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly clusters: Clusters,
    private readonly schemas: SchemaManager,
    private readonly migrations: SchemaMigrations,
  ) {}

  /** @throws OperatorError when the version is older than that of the release before, unless it is forced */
  async demandNear(version: number, force: boolean): Promise<void> {
    this.migrations.demandKnown(version);
    if (force) return;
    const [row] = await this.registry.query<{ value: number[] }[]>(
      'SELECT value FROM public.system_settings WHERE key = $1',
      [RELEASES],
    );
    const before = (row?.value ?? []).filter((release) => release < this.schemas.version).at(-1);
    if (before !== undefined && version >= before) return;
    const what =
      before === undefined
        ? `No release before this one (${this.schemas.version}) has run here`
        : `The release before this one was at ${before}, and ${version} is older`;
    throw new OperatorError(
      `${what}: no release that this installation knows could serve tenants then. If that is wanted: --force`,
    );
  }

  /** Counted row by row. */
  async lossOf(version: number, slugs: string[] | undefined): Promise<Loss> {
    const concerned = await this.registry.query<Concerned[]>(
      `SELECT t.schema_name AS schema, t.cluster, t.schema_version::float8 AS version FROM public.tenants t WHERE ${concerns({ kind: 'revert', to: version })}`,
      [version, slugs ?? null],
    );
    const tables = new Map<string, number>();
    const columns = new Set<string>();
    const kept = await this.#shapeAt(version);
    for (const [at, tenants] of Map.groupBy(concerned, (tenant) => tenant.version)) {
      const shape = await this.#shapeAt(Math.min(at, this.schemas.version));
      const gone = [...shape.keys()].filter((table) => !kept.has(table));
      for (const table of gone) tables.set(table, tables.get(table) ?? 0);
      for (const [table, names] of shape)
        for (const name of kept.has(table) ? names : [])
          if (!kept.get(table)!.has(name)) columns.add(`${table}.${name}`);
      for (const [cluster, there] of Map.groupBy(tenants, (tenant) => tenant.cluster))
        await this.#count(
          cluster,
          there.map(({ schema }) => schema),
          gone,
          tables,
        );
    }
    const counted = [...tables].map(([name, rows]) => ({ name, rows })).sort((a, b) => b.rows - a.rows);
    return {
      tenants: concerned.length,
      tables: counted,
      columns: [...columns].sort(),
      rows: counted.reduce((sum, { rows }) => sum + rows, 0),
    };
  }

  /** Tables and their columns, as this release makes them at a version. */
  #shapeAt(version: number): Promise<Map<string, Set<string>>> {
    return this.schemas.withReference(this.clusters.main.name, version, async (client, schema) => {
      const { rows } = await client.query<{ table: string; columns: string[] }>(
        `SELECT c.relname AS table, array_agg(a.attname::text) AS columns
           FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          WHERE c.relnamespace = to_regnamespace($1) AND c.relkind IN ('r', 'p') AND c.relname <> 'migrations' GROUP BY 1`,
        [schema],
      );
      return new Map(rows.map(({ table, columns }) => [table, new Set(columns)]));
    });
  }

  async #count(cluster: string, schemas: string[], tables: string[], into: Map<string, number>): Promise<void> {
    const { owner } = await this.clusters.get(cluster);
    for (let i = 0; i < schemas.length; i += CHUNK)
      for (const { table, rows } of await countRows(owner, schemas.slice(i, i + CHUNK), tables))
        into.set(table, (into.get(table) ?? 0) + Number(rows));
  }
}

async function countRows(
  owner: pg.Pool,
  schemas: string[],
  tables: string[],
): Promise<{ table: string; rows: string }[]> {
  const { rows } = await owner.query<{ table: string; rows: string }>(
    // One statement for many tables: the name of a table cannot be a parameter, and a query that is text can be run as XML.
    `SELECT name AS table, sum((xpath('/row/count/text()', query_to_xml(format('SELECT count(*) AS count FROM %I.%I', schema, name), false, true, '')))[1]::text::bigint) AS rows
       FROM unnest($1::text[]) AS schema CROSS JOIN unnest($2::text[]) AS name
      WHERE to_regclass(format('%I.%I', schema, name)) IS NOT NULL GROUP BY 1`,
    [schemas, tables],
  );
  return rows;
}
