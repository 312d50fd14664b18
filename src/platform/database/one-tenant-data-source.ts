import { DataSource, type EntityMetadata, type QueryRunner } from 'typeorm';
import type { MigrationClass } from './migration-recorder.ts';
import { TENANT_SCHEMA } from './statement-guard.ts';

/**
 * A full DataSource of its own for one tenant's schema, as the owner: its own metadata, its own pool. What TypeORM's
 * command line works with, and what the light handles are measured against; never what serves requests.
 */
export class OneTenantDataSource extends DataSource {
  constructor(
    url: string,
    private readonly tenantSchema: string,
    entities: (new () => object)[],
    migrations: MigrationClass[],
  ) {
    super({
      type: 'postgres',
      url,
      schema: tenantSchema,
      entities,
      migrations,
      migrationsTableName: 'migrations',
      installExtensions: false,
      poolSize: 2,
    });
  }

  /** Entities say "@tenant"; here that is one real schema, known beforehand. */
  protected override async buildMetadatas(): Promise<void> {
    await super.buildMetadatas();
    for (const metadata of this.entityMetadatas as (EntityMetadata & { schema?: string; tablePath: string })[]) {
      metadata.schema = this.tenantSchema;
      metadata.tablePath = this.driver.buildTableName(metadata.tableName, this.tenantSchema);
    }
  }

  /** So do migrations. */
  override createQueryRunner(mode?: 'master' | 'slave'): QueryRunner {
    const runner = super.createQueryRunner(mode);
    const query = runner.query.bind(runner) as (sql: string, ...rest: unknown[]) => Promise<unknown>;
    const schema = `"${this.tenantSchema}"`;
    runner.query = ((sql: string, ...rest: unknown[]) =>
      query(
        sql.replaceAll(`"${TENANT_SCHEMA}"`, () => schema),
        ...rest,
      )) as never;
    return runner;
  }
}
