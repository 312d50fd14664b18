import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { QueryFailedError } from 'typeorm';
import { Clusters } from '../database/clusters.ts';
import { DatabaseBusy, TenantDamaged } from '../database/database.errors.ts';
import { sqlState } from '../database/database-problem.ts';
import { placeOfFailure, type TenantBinding } from '../database/lease.ts';
import { LOGGER } from '../logging/logging.module.ts';
import { TenantDirectory } from './tenant.types.ts';

/** No such table, schema or role; or the role may not enter. Each may be a move that was heard of too late. */
const MAY_BE_DAMAGE = new Set(['42P01', '3F000', '42501', '42704']);
const MISSING_ROLE = /^role "[^"]+" does not exist$/;

/**
 * Tells a tenant that is damaged from one that was moved a moment ago: to the database both are a schema, role or table
 * that is not there.
 */
@Injectable()
export class Damage {
  constructor(
    private readonly clusters: Clusters,
    private readonly directory: TenantDirectory,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** TenantDamaged or DatabaseBusy where that is what the error means; else the error itself. Never throws. */
  async explain(thrown: unknown): Promise<unknown> {
    const inner = thrown instanceof QueryFailedError ? (thrown.driverError as unknown) : thrown;
    const place = placeOfFailure(inner);
    if (!place || !mayBeDamage(inner)) return thrown;
    const what = await this.#whatIs(place, inner).catch(() => 'unknown' as const);
    if (what === 'damaged') {
      // Also a query of ours that names a table wrongly looks like this: whoever operates must see it.
      this.log.error({ err: thrown, schema: place.schema }, 'a tenant is damaged');
      return new TenantDamaged(thrown);
    }
    return what === 'moved' ? new DatabaseBusy('This organisation was moved. Try again in a moment.', thrown) : thrown;
  }

  async #whatIs(place: TenantBinding, error: unknown): Promise<'damaged' | 'moved' | 'unknown'> {
    const known = await this.directory.findBySchema(place.schema);
    const tenant = known && (await this.directory.refresh(known));
    // Its next request finds it where it is then.
    if (tenant?.binding.schema !== place.schema || tenant.status === 'maintenance') return 'moved';
    if (tenant.status === 'provisioning') return 'unknown';
    // In the right place, nobody is moving it, and its role may not enter.
    if (sqlState(error) === '42501') return 'damaged';
    const { platform } = await this.clusters.get(place.cluster);
    const { rows } = await platform.query<{ schema: boolean; role: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1) AS schema,
              $2::text IS NULL OR EXISTS (SELECT FROM pg_roles WHERE rolname = $2) AS role`,
      [place.schema, place.role],
    );
    const { schema, role } = rows[0]!;
    // A table that is missing is one of the tenant's: everything else is named in full.
    const isOwn = error instanceof Error && error.message.includes(place.schema);
    return !schema || !role || isOwn ? 'damaged' : 'unknown';
  }
}

function mayBeDamage(error: unknown): boolean {
  return MAY_BE_DAMAGE.has(sqlState(error) ?? '') || (error instanceof Error && MISSING_ROLE.test(error.message));
}
