import { can, type Ties } from '../platform/access/abilities.ts';
import type { Actor } from '../platform/access/actor.ts';

type People = { assigneeId: string | null; reporterId: string };

/** Ties to the task's project, sharpened by being its assignee or reporter. */
export function tiesToTask(actor: Actor, task: People, ties: Ties): Ties {
  const isSomebody = actor.userId !== null;
  return {
    ...ties,
    isAssignee: isSomebody && task.assigneeId === actor.userId,
    isReporter: isSomebody && task.reporterId === actor.userId,
  };
}

/** @param ties to the task; or to its project, for what holds of all tasks there */
export function canReadTasks(actor: Actor, ties: Ties): boolean {
  return can(actor, 'task.read', ties);
}

/** Whether a project with these ties could hold a task that the actor may see. */
export function couldReadTasks(actor: Actor, ties: Ties): boolean {
  return can(actor, 'task.read', { ...ties, isAssignee: true, isReporter: true });
}

export function canCreateTask(actor: Actor, ties: Ties): boolean {
  return can(actor, 'task.create', ties);
}

/** Its fields, its assignee and its status. */
export function canUpdateTask(actor: Actor, ties: Ties): boolean {
  return can(actor, 'task.update', ties);
}

export function canDeleteTask(actor: Actor, ties: Ties): boolean {
  return can(actor, 'task.delete', ties);
}
