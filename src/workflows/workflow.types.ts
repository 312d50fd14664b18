import type { StatusCategory } from '../history/history.types.ts';

/** What happens when a status is full: people are told, or nothing more gets in. */
export const WIP_MODES = ['warn', 'refuse'] as const;
export type WipMode = (typeof WIP_MODES)[number];

export interface WorkflowStatus {
  /** What tasks carry, and what never changes: `in_review`. */
  key: string;
  /** What people read. */
  name: string;
  category: StatusCategory;
  /** Most tasks that should be in it at once; null: any number. */
  wipLimit: number | null;
  wipMode: WipMode;
}

export interface Transition {
  from: string;
  to: string;
}

/** How the tasks of a project move. */
export interface Workflow {
  /** In the order of the board. New tasks start in the first of the category todo. */
  statuses: WorkflowStatus[];
  /** Null: from every status to every other. */
  transitions: Transition[] | null;
}

/** `version` 0: the workflow that all projects start with. */
export type VersionedWorkflow = Workflow & { version: number };
