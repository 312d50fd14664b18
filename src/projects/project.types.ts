import type { ProjectRole } from '../platform/access/permissions.ts';

export const PROJECT_STATUSES = ['planning', 'active', 'on_hold', 'completed', 'archived'] as const;
export type ProjectStatus = (typeof PROJECT_STATUSES)[number];

/** Where a project goes from where it is. Into the archive it goes from everywhere, and out of it to where it was. */
const NEXT: Record<ProjectStatus, readonly ProjectStatus[]> = {
  planning: ['active', 'on_hold', 'archived'],
  active: ['planning', 'on_hold', 'completed', 'archived'],
  on_hold: ['planning', 'active', 'completed', 'archived'],
  completed: ['active', 'archived'],
  archived: [],
};

export function nextStatuses(status: ProjectStatus): readonly ProjectStatus[] {
  return NEXT[status];
}

/** What of a project decides who may know of it, and what it is to them. */
export interface Standing {
  projectOwnerId: string;
  projectStatus: ProjectStatus;
  /** As a member by name. */
  roleByName: ProjectRole | null;
  rolesByTeam: ProjectRole[];
}

export interface NewProject {
  name: string;
  description?: string | null;
  status?: ProjectStatus;
  startDate?: string | null;
  endDate?: string | null;
  budget?: { amount: string; currency?: string } | null;
  ownerId?: string;
  settings?: Record<string, unknown>;
}

export type ProjectChanges = Partial<NewProject>;
