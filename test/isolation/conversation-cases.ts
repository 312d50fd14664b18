import type { Case } from './cases.ts';
import type { World } from './worlds.ts';

const reaction = async (world: World) => ({
  params: { id: (await world.freshComment(world.task.id)).id, emoji: '👍' },
});

/** What belongs to comments, and files. */
export const CONVERSATION_CASES: Record<string, Case> = {
  'GET /api/v1/comments/:id/history': { fill: (world) => ({ params: { id: world.comment.id } }) },
  'PUT /api/v1/comments/:id/reactions/:emoji': { fill: reaction },
  'DELETE /api/v1/comments/:id/reactions/:emoji': { fill: reaction },
};
