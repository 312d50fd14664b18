import { can, type Ties } from '../platform/access/abilities.ts';
import { ANONYMOUS, type Actor } from '../platform/access/actor.ts';
import type { Grant } from '../platform/access/permissions.ts';

/** What decides who may see a task. */
export interface TaskOfComment {
  id: string;
  projectId: string;
  assigneeId: string | null;
  reporterId: string;
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

/** Nobody is told of a task that they may not see. @param person with their ties to the project of the task */
export function canBeMentioned(
  { id, grants, ...ties }: { id: string; grants: Grant[] } & Pick<Ties, 'projectRole' | 'ownsProject' | 'throughTeam'>,
  { assigneeId, reporterId }: TaskOfComment,
): boolean {
  const person: Actor = { ...ANONYMOUS, userId: id, grants: new Set(grants) };
  return can(person, 'task.read', { ...ties, isAssignee: assigneeId === id, isReporter: reporterId === id });
}
