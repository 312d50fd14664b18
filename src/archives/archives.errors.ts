import { AppError } from '../platform/errors/app-error.ts';

export class ArchiveMissing extends AppError {
  constructor() {
    super('missing', 'export_not_found', 'There is no such export.');
  }
}

export class ArchiveNotReady extends AppError {
  constructor(state: string) {
    super('conflict', 'export_not_ready', `The export is ${state}; its file is there once it is ready.`);
  }
}

export class ExportsFull extends AppError {
  constructor(most: number) {
    super('conflict', 'too_many_exports', `An organisation keeps at most ${most} exports. Remove one first.`);
  }
}

export class ArchiveWithoutPasswords extends AppError {
  constructor() {
    super(
      'conflict',
      'archive_without_passwords',
      'This is an export: nobody could sign in any more after it was restored. Restore a backup, or import the export as a new tenant.',
    );
  }
}

export class ArchiveTooNew extends AppError {
  constructor(version: number, known: number) {
    super(
      'invalid',
      'archive_too_new',
      `The archive is of schema version ${version}, and this release knows ${known} at most. Load it with a newer release.`,
    );
  }
}

export class ArchiveOfAnother extends AppError {
  constructor(slug: string, archived: string) {
    super(
      'conflict',
      'archive_of_another',
      `The archive is not one of ${slug}, but of a tenant that was called ${archived}. To put its people and data in the place of ${slug}'s all the same: --of-another`,
    );
  }
}
