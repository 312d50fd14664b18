import { Injectable } from '@nestjs/common';
import { MovesService } from '../moves/moves.service.ts';
import { ReadyPool } from '../platform/database/ready-pool.ts';
import { TenantDeletionService } from '../tenants/tenant-deletion.service.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import type { Finding } from './doctor.types.ts';

/** Far longer than a sign-up can take: a request ends after 30 s. */
const HALF_MADE_MS = 10 * 60_000;
const KEPT_LONG_MS = 7 * 24 * 60 * 60_000;

/** What somebody began and nobody goes on with. */
@Injectable()
export class HalfDoneExamination {
  constructor(
    private readonly tenants: TenantsService,
    private readonly deletion: TenantDeletionService,
    private readonly moves: MovesService,
    private readonly readyPool: ReadyPool,
  ) {}

  async examine(): Promise<Finding[]> {
    const findings: Finding[] = [];
    for (const tenant of await this.tenants.findAbandoned(new Date(Date.now() - HALF_MADE_MS)))
      findings.push({
        kind: 'half_made_tenant',
        cluster: tenant.binding.cluster,
        subject: tenant.slug,
        message: 'its sign-up was never completed',
        remedy: 'remove it',
        mend: () => this.tenants.abandon(tenant),
      });
    for (const binding of await this.readyPool.findAbandoned())
      findings.push({
        kind: 'half_made_schema',
        cluster: binding.cluster,
        subject: binding.schema,
        message: 'somebody died while making or filling it',
        remedy: 'remove it',
        mend: () => this.readyPool.discard(binding),
      });
    const open = await this.moves.list({ open: true });
    for (const { slug: subject, binding, updatedAt } of await this.tenants.list({ status: 'maintenance' })) {
      if (open.some((move) => move.slug === subject && move.state === 'copying')) continue;
      // A move begins with its own row, and ends with it.
      if (Date.now() - updatedAt.getTime() < HALF_MADE_MS) continue;
      findings.push({
        kind: 'left_in_maintenance',
        cluster: binding.cluster,
        subject,
        message: 'its requests answer 503, and nobody is moving or restoring it',
        remedy: 'serve it again',
        mend: () => this.moves.undo(subject),
      });
    }
    for (const move of open) {
      const { slug: subject, from } = move;
      if (move.state === 'copying' && !move.atWork)
        findings.push({
          kind: 'move_unfinished',
          cluster: from.cluster,
          subject,
          message: `a ${move.reason} was begun at ${move.startedAt.toISOString()} and is not finished`,
          remedy: 'serve it from where it was',
          mend: () => this.moves.undo(subject),
        });
      else if (move.state === 'switched' && Date.now() - move.startedAt.getTime() > KEPT_LONG_MS)
        findings.push({
          kind: 'old_copy_kept',
          cluster: from.cluster,
          subject,
          message: `what it had before a ${move.reason} is kept since ${move.startedAt.toISOString()}`,
          remedy: `projectflow tenant move ${subject} --confirm`,
          mend: null,
        });
    }
    for (const slug of await this.deletion.findDue()) {
      const due = await this.tenants.getBySlug(slug).catch(() => null);
      // Gone meanwhile.
      if (!due) continue;
      findings.push({
        kind: 'purge_unfinished',
        cluster: due.binding.cluster,
        subject: slug,
        message: 'its grace period is over and it is still there',
        remedy: 'purge it',
        mend: () => this.deletion.purge(slug, slug),
      });
    }
    return findings;
  }
}
