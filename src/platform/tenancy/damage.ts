import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { QueryFailedError } from 'typeorm';
import { Clusters } from '../database/clusters.ts';
import { DatabaseBusy, TenantDamaged } from '../database/database.errors.ts';
import { sqlState } from '../database/database-problem.ts';
import { TenantTemplate } from '../database/tenant-data-source.ts';
import { placeOfFailure, type TenantBinding } from '../database/lease.ts';
import { AppError } from '../errors/app-error.ts';
import { LOGGER } from '../logging/logging.module.ts';
import { TenantDirectory } from './tenant.types.ts';

/** No such table, schema or role; or the role may not enter. Each may be a move that was heard of too late. */
const MAY_BE_DAMAGE = new Set(['42P01', '3F000', '42501', '42704']);
const MISSING_ROLE = /^role "[^"]+" does not exist$/;
const CLOSED_ROLE = /^permission denied to set role /;

/**
 * Tells a tenant that is damaged from one that was moved a moment ago: to the database both are a schema, role or table
 * that is not there.
 */
@Injectable()
export class Damage {
  constructor(
    private readonly clusters: Clusters,
    private readonly directory: TenantDirectory,
    private readonly template: TenantTemplate,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** TenantDamaged, DatabaseBusy or an internal error where that is what it means; else the error itself. Never throws. */
  async explain(thrown: unknown): Promise<unknown> {
    const inner = thrown instanceof QueryFailedError ? (thrown.driverError as unknown) : thrown;
    const place = placeOfFailure(inner);
    if (!place || !mayBeDamage(inner)) return thrown;
    const what = await this.#whatIs(place, inner).catch(() => 'unknown' as const);
    if (what === 'damaged') {
      this.log.error({ err: thrown, schema: place.schema }, 'a tenant is damaged');
      return new TenantDamaged(thrown);
    }
    // The tenant is whole, so a retry would fail as well.
    if (what === 'mistaken') return new AppError('internal', 'internal_error', 'a query is wrong', { cause: thrown });
    return what === 'moved' ? new DatabaseBusy('This organisation was moved. Try again in a moment.', thrown) : thrown;
  }

  async #whatIs(place: TenantBinding, error: unknown): Promise<'damaged' | 'moved' | 'mistaken' | 'unknown'> {
    const known = await this.directory.findBySchema(place.schema);
    const tenant = known && (await this.directory.refresh(known));
    // Its next request finds it where it is then.
    if (tenant?.binding.schema !== place.schema || tenant.status === 'maintenance') return 'moved';
    if (tenant.status === 'provisioning') return 'unknown';
    if (error instanceof Error && CLOSED_ROLE.test(error.message)) return 'damaged';
    const { platform } = await this.clusters.get(place.cluster);
    const { rows } = await platform.query<{ whole: boolean }>(
      `SELECT count(*) = 1 AS whole FROM pg_namespace n
        WHERE nspname = $1
          AND ($2::text IS NULL OR EXISTS (
            SELECT FROM pg_roles r WHERE r.rolname = $2 AND has_schema_privilege(r.oid, n.oid, 'USAGE')))`,
      [place.schema, place.role],
    );
    return !rows[0]!.whole || this.#isOfOwnTable(place.schema, error) ? 'damaged' : 'mistaken';
  }

  /** A table of this release that is missing or closed is damage; any other name is a mistake in a query of ours. */
  #isOfOwnTable(schema: string, error: unknown): boolean {
    const message = error instanceof Error ? error.message : '';
    const [, missing] = /^relation "([^"]+)" does not exist$/.exec(message) ?? [];
    const [, closed] = /^permission denied for table (\S+)$/.exec(message) ?? [];
    const table = missing?.startsWith(`${schema}.`) ? missing.slice(schema.length + 1) : closed;
    return this.template.entityMetadatas.some(({ tableName }) => tableName === table);
  }
}

function mayBeDamage(error: unknown): boolean {
  return MAY_BE_DAMAGE.has(sqlState(error) ?? '') || (error instanceof Error && MISSING_ROLE.test(error.message));
}
