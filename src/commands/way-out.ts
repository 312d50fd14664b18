import type { INestApplicationContext } from '@nestjs/common';
import { MovesService } from '../moves/moves.service.ts';
import { ClusterUnavailable } from '../platform/database/database.errors.ts';
import { databaseProblem, sqlState } from '../platform/database/database-problem.ts';
import { AppError, OperatorError } from '../platform/errors/app-error.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { TenantsService } from '../tenants/tenants.service.ts';

/** A schema, a role or a part of them is not there, or nobody may enter. */
const DAMAGED = new Set(['42P01', '3F000', '42501', '42704', '42703']);
const MISSING_ROLE = /role "[^"]+" does not exist/;
const NO_TABLES = /^There is no schema /;
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EACCES', 'EPERM', 'EIO']);

/** What an operator is shown of an error: what is wrong, and the command that leads on. A mistake of the product stays as it is. */
export async function withWayOut(app: INestApplicationContext, error: unknown, slug: string | null): Promise<unknown> {
  const tenant = slug === null ? null : await findTenant(app, slug);
  if (error instanceof ClusterUnavailable) return new OperatorError(away(error, tenant), 'cluster_unavailable');
  if (isDamage(error)) return new OperatorError(damaged(error, tenant), 'tenant_damaged');
  const { code = '' } = Object(error) as { code?: string };
  if (error instanceof Error && FULL.has(code))
    return new OperatorError(`A file cannot be written: ${error.message}. Nothing was changed in the database.`);
  const known = error instanceof AppError || error instanceof OperatorError ? error : databaseProblem(error);
  if (known === null) return error;
  if (!tenant || known.message.includes('projectflow ') || !isOfItsState(known)) return known;
  return new OperatorError(`${known.message} ${await next(app, tenant)}`, known.code);
}

async function findTenant(app: INestApplicationContext, slug: string): Promise<Tenant | null> {
  return app
    .get(TenantsService)
    .getBySlug(slug)
    .catch(() => null);
}

function isDamage(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (error instanceof OperatorError) return NO_TABLES.test(error.message);
  if (error instanceof AppError && error.code !== 'tenant_damaged') return false;
  return error instanceof AppError || DAMAGED.has(sqlState(error) ?? '') || MISSING_ROLE.test(error.message);
}

function damaged(error: Error, tenant: Tenant | null): string {
  const slug = tenant?.slug ?? '<slug>';
  const where = tenant
    ? `${slug} (${tenant.binding.schema} on ${tenant.binding.cluster}) is damaged`
    : 'A schema is damaged';
  return (
    `${where}: ${error.message.replace(/\.$/, '')}. See what is wrong: projectflow tenant doctor. Roles and grants come back with: projectflow tenant doctor --fix. ` +
    `What is lost comes back from a backup: projectflow tenant restore ${slug} --from <file>`
  );
}

function away({ cluster, reason }: ClusterUnavailable, tenant: Tenant | null): string {
  const text = `The cluster ${cluster} cannot be used: ${reason.replace(/\.$/, '')}. See: projectflow cluster list. Where it is elsewhere now: projectflow cluster change ${cluster} --url <url>`;
  if (!tenant) return text;
  const { slug } = tenant;
  return tenant.status === 'deleted'
    ? `${text}. If it is gone for good: projectflow tenant purge ${slug} --confirm ${slug} --cluster-gone`
    : `${text}. If it is gone for good: projectflow tenant restore ${slug} --from <file> --cluster <name>, or projectflow tenant delete ${slug}`;
}

/** Whether what was refused follows from the state that the tenant is in. */
function isOfItsState(error: AppError | OperatorError): boolean {
  if (error instanceof OperatorError) return true;
  // That a name is taken has nothing to do with it.
  return (
    (error.kind === 'conflict' && !error.code.endsWith('_taken')) ||
    error.kind === 'unavailable' ||
    error.code.startsWith('tenant_')
  );
}

/** What leads on from where the tenant is. */
async function next(app: INestApplicationContext, { slug, status, schemaVersion }: Tenant): Promise<string> {
  const moves = await app.get(MovesService).list({ slug, open: true });
  if (moves.some((move) => move.state === 'copying' && move.atWork))
    return `It is being moved or restored at this moment: projectflow tenant move ${slug} shows it.`;
  switch (status) {
    case 'provisioning':
      return `Its sign-up is under way. If that has died: projectflow tenant purge ${slug} --confirm ${slug}`;
    case 'suspended':
      return `It is suspended: projectflow tenant resume ${slug}`;
    case 'maintenance':
      return `Whoever moved or restored it has died. Serve it again: projectflow tenant move ${slug} --undo`;
    case 'deleted':
      return `It is deleted. Bring it back: projectflow tenant restore ${slug}. Remove it for good: projectflow tenant purge ${slug} --confirm ${slug}`;
    case 'active':
      return schemaVersion === 0
        ? `Bring it to this release: projectflow tenant migrate --tenant ${slug}`
        : `It is active. To remove it: projectflow tenant delete ${slug}. To put it back: projectflow tenant restore ${slug} --from <file>`;
  }
}
