import { Injectable } from '@nestjs/common';
import { InvalidInput } from '../platform/errors/app-error.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { DEFAULT_WORKFLOW, findStatus, firstStatus, problemsOf, reachableFrom } from './workflow.rules.ts';
import type { VersionedWorkflow, Workflow, WorkflowStatus } from './workflow.types.ts';
import { TransitionRefused, UnknownStatus, WipLimitReached } from './workflows.errors.ts';
import { findWorkflow } from './workflows.queries.ts';

/** Workflows by themselves; who may see or change one, and what becomes of tasks, the modules above decide. */
@Injectable()
export class WorkflowsService {
  /** Whoever decides by it holds the project, so that nobody replaces it meanwhile. */
  async get(ctx: TenantContext, projectId: string): Promise<VersionedWorkflow> {
    return (await findWorkflow(ctx, projectId)) ?? { ...DEFAULT_WORKFLOW, version: 0 };
  }

  /** Where a task begins: as it is wanted, or where the workflow does. @throws UnknownStatus */
  entry(workflow: Workflow, wanted: string | undefined): WorkflowStatus {
    return wanted === undefined ? firstStatus(workflow) : this.status(workflow, wanted);
  }

  /** @throws UnknownStatus */
  status(workflow: Workflow, key: string): WorkflowStatus {
    const status = findStatus(workflow, key);
    if (!status) throw new UnknownStatus(workflow.statuses.map((each) => each.key));
    return status;
  }

  /** Where a task may go from where it is. @throws UnknownStatus, TransitionRefused */
  step(workflow: Workflow, from: string, to: string): WorkflowStatus {
    const status = this.status(workflow, to);
    const reachable = reachableFrom(workflow, from);
    // Whatever a task is in that the workflow does not know any more, it may leave.
    if (!reachable.includes(to) && findStatus(workflow, from)) throw new TransitionRefused(from, to, reachable);
    return status;
  }

  /** Whether one more task makes a status fuller than it should be, when `tasks` are in it already. @throws WipLimitReached */
  isBeyondLimit({ key, wipLimit, wipMode }: WorkflowStatus, tasks: number): boolean {
    if (wipLimit === null || tasks < wipLimit) return false;
    if (wipMode === 'refuse') throw new WipLimitReached(key, wipLimit, tasks);
    return true;
  }

  /** Stores what a project has from now on. It is locked by the caller, and its own version stays as it is. */
  async save(tx: TenantContext, projectId: string, { statuses, transitions }: Workflow): Promise<void> {
    await tx.query(
      `UPDATE "@tenant".projects SET workflow = $2::jsonb, workflow_version = workflow_version + 1 WHERE id = $1`,
      [projectId, JSON.stringify({ statuses, transitions })],
    );
  }

  /** @throws InvalidInput naming everything that is wrong with it */
  check(workflow: Workflow): void {
    const problems = problemsOf(workflow);
    if (problems.length > 0) throw new InvalidInput(problems);
  }
}
