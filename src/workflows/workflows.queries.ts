import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { VersionedWorkflow, Workflow } from './workflow.types.ts';

/** The workflow that a project was given; null when it has the one that all start with. */
export async function findWorkflow(ctx: TenantContext, projectId: string): Promise<VersionedWorkflow | null> {
  const rows = await ctx.query<{ workflow: Workflow | null; version: number }>(
    `SELECT workflow, workflow_version AS version FROM "@tenant".projects WHERE id = $1`,
    [projectId],
  );
  const row = rows[0];
  return row?.workflow ? { ...row.workflow, version: row.version } : null;
}
