import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { EmailMails } from '../email-addresses/email-mails.service.ts';
import { CONFIG } from '../platform/config/config.module.ts';
import { catchesMail, type Config } from '../platform/config/config.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import { TenantDeletionService } from '../tenants/tenant-deletion.service.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { UsersService } from '../users/users.service.ts';

const AT_A_TIME = 20;
const DAY_MS = 86_400_000;
/** Days before an organisation goes in which its owners are told; less where it has not so many. */
const WARNED_BEFORE = 2;

interface Unproved {
  id: string;
  slug: string;
  since: Date;
  warnedAt: Date | null;
}

/** Organisations that signed up by themselves, and whose owners never showed that mails reach them. */
@Injectable()
export class UnprovedTenants {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly tenants: TenantsService,
    private readonly deletion: TenantDeletionService,
    private readonly contexts: TenantContexts,
    private readonly users: UsersService,
    private readonly mails: EmailMails,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /**
   * Deletes what is due, with the usual grace, and warns what soon will be. Where mails reach nobody, because they
   * cannot be sent or are only caught beside the embedded database, nobody could prove anything, and nothing is done; one that cannot be reached is left for the next time.
   *
   * @returns slugs of those that were deleted
   */
  async tidy(now = new Date()): Promise<string[]> {
    const days = this.config.UNVERIFIED_TENANT_DAYS;
    if (days === 0 || !this.#reachesOwners()) return [];
    const warnedBefore = Math.min(WARNED_BEFORE, days / 2);
    const removed: string[] = [];
    for (const tenant of await this.#find(now, days, warnedBefore)) {
      try {
        if (await this.#settle(tenant, now, days, warnedBefore)) removed.push(tenant.slug);
      } catch (error) {
        this.log.warn(
          { err: error, tenant: tenant.slug },
          'an organisation without a proved address was left as it is',
        );
      }
    }
    return removed;
  }

  async #settle({ id, slug, since, warnedAt }: Unproved, now: Date, days: number, notice: number): Promise<boolean> {
    const ctx = await this.contexts.open(await this.tenants.get(id));
    const { ids, isProved } = await this.users.listOwners(ctx);
    if (isProved) {
      await this.registry.query(
        'UPDATE public.tenants SET unproved_since = NULL, unproved_warned_at = NULL WHERE id = $1',
        [id],
      );
      return false;
    }
    // Also where no worker ran for long: nobody loses anything without a word.
    const noticeEnds = (warnedAt ?? now).getTime() + notice * DAY_MS;
    const end = new Date(Math.max(since.getTime() + days * DAY_MS, noticeEnds));
    if (warnedAt === null) {
      const [warned] = await this.registry.query<[unknown[], number]>(
        'UPDATE public.tenants SET unproved_warned_at = $2 WHERE id = $1 AND unproved_warned_at IS NULL RETURNING 1',
        [id, now],
      );
      if (warned.length > 0)
        for (const ownerId of ids) await this.mails.warnOfRemoval(ctx, ownerId, end.toISOString().slice(0, 10));
      return false;
    }
    if (end > now) return false;
    await this.deletion.delete(slug);
    this.log.warn({ tenant: slug }, 'an organisation was deleted whose owner never proved an address');
    return true;
  }

  #reachesOwners(): boolean {
    const { SMTP_URL, DATABASE_URL } = this.config;
    return SMTP_URL !== undefined || (DATABASE_URL !== undefined && catchesMail(this.config));
  }

  /** Those that were not warned yet, and those whose time after it is over; in any order, so that none keeps others from their turn. */
  #find(now: Date, days: number, notice: number): Promise<Unproved[]> {
    const before = (span: number) => new Date(now.getTime() - span * DAY_MS);
    return this.registry.query(
      `SELECT id, slug, unproved_since AS since, unproved_warned_at AS "warnedAt" FROM public.tenants
        WHERE status = 'active' AND unproved_since <= $1
          AND (unproved_warned_at IS NULL OR (unproved_since <= $2 AND unproved_warned_at <= $3))
        ORDER BY random() LIMIT $4`,
      [before(days - notice), before(days), before(notice), AT_A_TIME],
    );
  }
}
