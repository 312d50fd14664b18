import 'reflect-metadata';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { registryMigrations } from './migrations/registry/index.ts';
import { tenantMigrations } from './migrations/tenant/index.ts';
import { SigningKey } from './src/signing-keys/signing-key.entity.ts';
import { loadConfig } from './src/platform/config/config.ts';
import { openDatabaseServer } from './src/platform/database/database-server.ts';
import { OneTenantDataSource } from './src/platform/database/one-tenant-data-source.ts';
import { tenantEntities } from './src/tenant-entities.ts';
import { TenantEntity } from './src/tenants/tenant.entity.ts';

/**
 * For TypeORM's own command line, as the owner: `npm run typeorm -- migration:show` speaks of the registry,
 * `TENANT=acme npm run typeorm -- migration:show` of that tenant's schema. Its tool takes one DataSource only, so the
 * environment chooses. Day-to-day migrations of many tenants are `npm run cli -- tenant migrate`.
 */
async function open(): Promise<DataSource> {
  const server = await openDatabaseServer(loadConfig(), () => undefined);
  const slug = process.env['TENANT'];
  const dataSource = slug
    ? new OneTenantDataSource(server.url, await schemaOf(server.url, slug), tenantEntities, tenantMigrations)
    : new DataSource({
        type: 'postgres',
        url: server.url,
        schema: 'public',
        entities: [TenantEntity, SigningKey],
        migrations: registryMigrations,
        installExtensions: false,
        poolSize: 2,
      });
  const destroy = dataSource.destroy.bind(dataSource);
  dataSource.destroy = async () => {
    await destroy();
    await server.stop();
  };
  return dataSource;
}

async function schemaOf(url: string, slug: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ schema: string }>(
      'SELECT schema_name AS schema FROM public.tenants WHERE slug = $1',
      [slug],
    );
    if (!rows[0]) throw new Error(`There is no tenant ${slug}. npm run cli -- tenant list shows them all.`);
    return rows[0].schema;
  } finally {
    await client.end();
  }
}

export default open();
