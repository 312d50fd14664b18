import { can, type Ties } from '../platform/access/abilities.ts';
import type { Actor } from '../platform/access/actor.ts';

type People = { assigneeId: string | null; reporterId: string };

/** Ties to the task's project, sharpened by being its assignee or reporter. */
function tiesToTask(actor: Actor, task: People, ties: Ties): Ties {
  return { ...ties, involved: actor.userId !== null && (task.assigneeId === actor.userId || task.reporterId === actor.userId) };
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

export function canComment(actor: Actor, ties: Ties): boolean {
  return can(actor, 'task.comment', ties);
}

/** A comment is changed by its author alone, as long as they may comment at all. */
export function canChangeComment(actor: Actor, comment: { authorId: string }, ties: Ties): boolean {
  return canComment(actor, ties) && comment.authorId === actor.userId;
}

/** It is removed by its author, or by whoever may delete tasks there. */
export function canDeleteComment(actor: Actor, comment: { authorId: string }, ties: Ties): boolean {
  return canChangeComment(actor, comment, ties) || can(actor, 'task.delete', ties);
}
