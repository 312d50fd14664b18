import { can, type Ties } from '../platform/access/abilities.ts';
import type { Actor } from '../platform/access/actor.ts';

type People = { assigneeId: string | null; reporterId: string };

/** Ties to the task's project, sharpened by being its assignee or reporter. */
function tiesToTask(actor: Actor, task: People, ties: Ties): Ties {
  return {
    ...ties,
    involved: actor.userId !== null && (task.assigneeId === actor.userId || task.reporterId === actor.userId),
  };
}

export function canReadTasks(actor: Actor, ties: Ties): boolean {
  return can(actor, 'task.read', ties);
}

export function canCreateTask(actor: Actor, ties: Ties): boolean {
  return can(actor, 'task.create', ties);
}

/** Its fields, its assignee and its status. */
export function canUpdateTask(actor: Actor, task: People, ties: Ties): boolean {
  return can(actor, 'task.update', tiesToTask(actor, task, ties));
}

export function canDeleteTask(actor: Actor, task: People, ties: Ties): boolean {
  return can(actor, 'task.delete', tiesToTask(actor, task, ties));
}
