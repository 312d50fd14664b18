import { AppError } from '../platform/errors/app-error.ts';

export class MoveOpen extends AppError {
  constructor(slug: string, state: string) {
    super(
      'conflict',
      'move_open',
      state === 'switched'
        ? `The copy from ${slug}'s last move is still kept. Confirm that move first: projectflow tenant move ${slug} --confirm`
        : `${slug} is being moved already.`,
    );
  }
}

export class NoMoveToConfirm extends AppError {
  constructor(slug: string) {
    super('conflict', 'no_move_to_confirm', `No old copy of ${slug} is kept.`);
  }
}

export class CopyDiffers extends AppError {
  constructor(tables: string[]) {
    super(
      'internal',
      'copy_differs',
      `The copy is not what was copied, in: ${tables.join(', ')}. Nothing was changed.`,
    );
  }
}

export class MigratedMeanwhile extends AppError {
  constructor() {
    super(
      'conflict',
      'migrated_meanwhile',
      'Its migrations are not those that its new schema has: it was just migrated, or lacks one that was merged late. See: projectflow tenant doctor. Then move it again.',
    );
  }
}

export class NotMovable extends AppError {
  constructor(slug: string, status: string) {
    super(
      'conflict',
      'not_movable',
      `${slug} is ${status}; only an active or suspended tenant can be moved or restored.`,
    );
  }
}

export class MoveLost extends AppError {
  constructor(slug: string) {
    super(
      'conflict',
      'move_lost',
      `The connection to the registry was lost, and the move of ${slug} was undone meanwhile.`,
    );
  }
}
