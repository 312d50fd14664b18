import type { World } from './worlds.ts';

const text = ({ canary }: World) => ({ description: canary, startDate: '2026-01-01' });

export const taskBody = (world: World) => ({
  title: world.canary,
  ...text(world),
  dueDate: '2026-02-01',
  status: 'in_progress',
  priority: 'high',
  assigneeId: world.member.id,
  reporterId: world.member.id,
  estimatedHours: 2.5,
  tags: [world.canary],
  parentId: world.parent.id,
  milestoneId: world.milestone.id,
});

export const projectBody = (world: World) => ({
  name: world.canary,
  ...text(world),
  endDate: '2026-12-31',
  status: 'planning',
  budget: { amount: '10.00', currency: 'EUR' },
  ownerId: world.member.id,
  settings: { note: world.canary },
});
