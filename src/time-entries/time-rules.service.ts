import { Injectable } from '@nestjs/common';
import { audit } from '../platform/audit/audit.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectHistoryService } from '../history/project-history.service.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import type { TimeRules } from './time-entry.types.ts';
import { findRules } from './time-entries.queries.ts';

/** How projects round what is worked in them. */
@Injectable()
export class TimeRulesService {
  constructor(
    private readonly projects: ProjectsService,
    private readonly history: ProjectHistoryService,
  ) {}

  /** @throws ProjectMissing */
  async get(ctx: TenantContext, projectId: string): Promise<TimeRules> {
    await this.projects.get(ctx, projectId);
    return findRules(ctx, projectId);
  }

  /** For entries that are written from then on. @throws ProjectMissing, PermissionDenied */
  async put(ctx: TenantContext, projectId: string, rules: TimeRules): Promise<TimeRules> {
    return ctx.transaction(async (tx) => {
      await this.projects.lockForUpdate(tx, projectId);
      const before = await findRules(tx, projectId);
      const after = { roundTo: rules.roundTo, mode: rules.mode };
      // The version of the project is that of what is shown of it, which these are no part of.
      await tx.query('UPDATE "@tenant".projects SET round_to = $2, rounding_mode = $3 WHERE id = $1', [
        ...[projectId, after.roundTo, after.mode],
      ]);
      const change = { field: 'timeRules', oldValue: before, newValue: after };
      await this.history.record(tx, projectId, { type: 'project', id: projectId }, [change]);
      if (JSON.stringify(before) !== JSON.stringify(after))
        await audit(tx, {
          action: 'time_rules.changed',
          target: { type: 'project', id: projectId },
          before,
          after,
        });
      return after;
    });
  }
}
