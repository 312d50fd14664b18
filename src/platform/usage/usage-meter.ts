import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import type { AppRequest } from '../http/request.ts';
import { LOGGER } from '../logging/logging.module.ts';

const FLUSH_MS = 10_000;

/**
 * Counts the requests of every tenant and day. The counts are kept in memory and written every ten seconds and at the
 * end, so a process that is killed loses the last ten seconds of them. A guard, because only here the tenant is known.
 */
@Injectable()
export class UsageMeter implements CanActivate, BeforeApplicationShutdown {
  #counts = new Map<string, number>();

  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  canActivate(execution: ExecutionContext): boolean {
    const { tenant } = execution.switchToHttp().getRequest<AppRequest>();
    if (tenant) this.#counts.set(tenant.id, (this.#counts.get(tenant.id) ?? 0) + 1);
    return true;
  }

  @Interval(FLUSH_MS)
  async flush(): Promise<void> {
    if (this.#counts.size === 0) return;
    const counts = this.#counts;
    this.#counts = new Map();
    try {
      // A tenant that was purged meanwhile has nowhere to be counted.
      await this.registry.query(
        `INSERT INTO public.usage_daily (tenant_id, day, requests)
         SELECT t.id, (now() AT TIME ZONE 'UTC')::date, counted.requests
           FROM unnest($1::uuid[], $2::bigint[]) AS counted (id, requests) JOIN public.tenants t ON t.id = counted.id
         ORDER BY t.id
         ON CONFLICT (tenant_id, day) DO UPDATE SET requests = usage_daily.requests + excluded.requests`,
        [[...counts.keys()], [...counts.values()]],
      );
    } catch (error) {
      this.log.warn({ err: error }, 'usage could not be written yet');
      for (const [id, count] of counts) this.#counts.set(id, (this.#counts.get(id) ?? 0) + count);
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.flush();
  }
}
