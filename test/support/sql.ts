import type { TestApp } from './app.ts';

/** Behind the API, in the tenant's own schema: "@tenant" is written where the schema belongs. */
export async function sqlOf(
  app: TestApp,
  { slug }: { slug: string },
): Promise<(statement: string, ...values: unknown[]) => Promise<any[]>> {
  const { rows } = await app.owner.query('SELECT schema_name FROM public.tenants WHERE slug = $1', [slug]);
  return async (statement, ...values) =>
    (await app.owner.query(statement.replaceAll('@tenant', rows[0].schema_name), values)).rows;
}
