import type { World } from './worlds.ts';

/** A value of the world's for each parameter that a list can be filtered by; null when no tenant has one of its own. */
const FILTERS: Record<string, ((world: World) => string) | null> = {
  id: null,
  position: null,
  description: (world) => world.canary,
  body: (world) => world.canary,
  commentId: ({ comment }) => comment.id,
  uploadedBy: ({ owner }) => owner.id,
  projectId: (world) => world.project.id,
  taskId: (world) => world.task.id,
  userId: (world) => world.member.id,
  parentId: (world) => world.parent.id,
  milestoneId: (world) => world.milestone.id,
  subjectId: (world) => world.task.id,
  assigneeId: (world) => world.member.id,
  reporterId: (world) => world.member.id,
  actorId: (world) => world.owner.id,
  targetId: (world) => world.member.id,
  authorId: (world) => world.owner.id,
  ownerId: (world) => world.owner.id,
  name: (world) => world.canary,
  firstName: (world) => world.canary,
  lastName: (world) => world.canary,
  note: (world) => world.canary,
  title: (world) => world.canary,
  tags: (world) => world.canary,
  email: (world) => world.owner.email,
  field: null,
  status: null,
  action: null,
  targetType: null,
  address: null,
};

/** @throws for a filter that nobody has thought of here */
export function filterValue(name: string, world: World): string | null {
  const value = FILTERS[name];
  if (value === undefined) throw new Error(`test/isolation/filters.ts knows no value for the filter ${name}`);
  return value && value(world);
}
