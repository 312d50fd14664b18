import { reachOf, type Reach } from '../platform/access/abilities.ts';
import type { Actor } from '../platform/access/actor.ts';

/** In which projects the actor finds the projects themselves; their tasks and comments are a matter of task.read. */
export function reachOfProjects(actor: Actor): Reach {
  return reachOf(actor, 'project.read');
}
