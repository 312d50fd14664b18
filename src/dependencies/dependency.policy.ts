import { can, type Ties } from '../platform/access/abilities.ts';
import type { Actor } from '../platform/access/actor.ts';

/** Which tasks of a project the actor may see: all of them, or those that they are the assignee or the reporter of. */
export interface Sight {
  me: string | null;
  all: boolean;
  asAssignee: boolean;
  asReporter: boolean;
}

interface Involved {
  assigneeId: string | null;
  reporterId: string;
}

/** @param ties to the project, or to one of its tasks */
export function sightOf(actor: Actor, ties: Ties): Sight {
  const inProject: Ties = { ...ties, isAssignee: false, isReporter: false };
  return {
    me: actor.userId,
    all: can(actor, 'task.read', inProject),
    asAssignee: can(actor, 'task.read', { ...inProject, isAssignee: true }),
    asReporter: can(actor, 'task.read', { ...inProject, isReporter: true }),
  };
}

/** Whether a project with these ties could hold a task that the actor may see. */
export function seesAny({ all, asAssignee, asReporter }: Sight): boolean {
  return all || asAssignee || asReporter;
}

export function sees({ me, all, asAssignee, asReporter }: Sight, task: Involved): boolean {
  if (all) return true;
  return me !== null && ((asAssignee && task.assigneeId === me) || (asReporter && task.reporterId === me));
}

/** What a task waits for is part of it. @param ties to the task that waits */
export function canChangeDependencies(actor: Actor, ties: Ties): boolean {
  return can(actor, 'task.update', ties);
}
