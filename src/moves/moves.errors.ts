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

export class TenantSchemaLost extends AppError {
  constructor(slug: string, schema: string) {
    super(
      'conflict',
      'tenant_schema_lost',
      `The schema ${schema} of ${slug} is not there. Load a backup: projectflow tenant restore ${slug} --from <file>`,
    );
  }
}

/** The copy that a move left behind is the last that there is. */
export class OldCopyNeeded extends AppError {
  constructor(slug: string) {
    super(
      'conflict',
      'old_copy_needed',
      `The old copy of ${slug} is kept: nobody is in the schema that it lives in now. Go back to the old copy: projectflow tenant move ${slug} --undo --force`,
    );
  }
}

export class MoveIsSwitched extends AppError {
  constructor(slug: string, since: Date) {
    super(
      'conflict',
      'move_is_switched',
      `${slug} lives in its new place since ${since.toISOString()}. To remove the old copy: projectflow tenant move ${slug} --confirm. To go back to it and set aside what was written since: projectflow tenant move ${slug} --undo --force`,
    );
  }
}

export class NoMoveToUndo extends AppError {
  constructor(slug: string) {
    super('conflict', 'no_move_to_undo', `Nothing of a move or restore of ${slug} is left to be taken back.`);
  }
}
