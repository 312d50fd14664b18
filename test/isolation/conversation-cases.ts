import type { Case, Filling } from './cases.ts';
import { expectStatus } from '../support/client.ts';
import type { World } from './worlds.ts';

const reaction = async (world: World) => ({
  params: { id: (await world.freshComment(world.task.id)).id, emoji: '👍' },
});

const ofTask = (world: World) => ({ params: { id: world.task.id } });
const ofFile = (world: World) => ({ params: { id: world.attachment.id } });

async function link(world: World): Promise<Filling> {
  const { url } = expectStatus(await world.owner.post(`/attachments/${world.attachment.id}/links`, {}), 200).data;
  return { query: [['token', new URL(url).searchParams.get('token')!]] };
}

/** What belongs to comments, and files. */
export const CONVERSATION_CASES: Record<string, Case> = {
  'GET /api/v1/comments/:id/history': { fill: (world) => ({ params: { id: world.comment.id } }) },
  'PUT /api/v1/comments/:id/reactions/:emoji': { fill: reaction },
  'DELETE /api/v1/comments/:id/reactions/:emoji': { fill: reaction },
  'POST /api/v1/tasks/:id/attachments': { fill: (world) => ({ ...ofTask(world), file: Buffer.from(world.canary) }) },
  'GET /api/v1/tasks/:id/attachments': { fill: ofTask },
  'GET /api/v1/attachments/:id': { fill: ofFile },
  'GET /api/v1/attachments/:id/file': { fill: ofFile },
  'GET /api/v1/attachments/:id/thumbnail': { fill: ofFile },
  'POST /api/v1/attachments/:id/links': { fill: (world) => ({ ...ofFile(world), body: {} }), volatile: ['url'] },
  'GET /api/v1/files': { fill: link },
  'DELETE /api/v1/attachments/:id': {
    fill: async (world) => ({ params: { id: (await world.freshAttachment(world.task.id)).id } }),
  },
};
