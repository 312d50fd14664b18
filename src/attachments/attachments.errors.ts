import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class AttachmentMissing extends AppError {
  constructor() {
    super('missing', 'attachment_not_found', 'There is no such file.');
  }
}

export class NoThumbnail extends AppError {
  constructor() {
    super('missing', 'no_thumbnail', 'This file has no small picture.');
  }
}

/** Forged, expired, of a file that is gone, of somebody who may not see it any more: one answer. */
export class FileLinkRefused extends AppError {
  constructor() {
    super('missing', 'file_link_not_valid', 'This link is not valid any more. Ask for a new one.');
  }
}

export class NotYourAttachment extends AppError {
  constructor() {
    super('refused', 'not_your_attachment', 'A file is removed by whoever added it, or by those who may delete tasks.');
  }
}

export class UnknownPlace extends InvalidInput {
  constructor() {
    super([
      { pointer: '/commentId', code: 'unknown_comment', message: 'There is no such comment of yours on this task.' },
    ]);
  }
}

export class FileNameRefused extends InvalidInput {
  constructor(message: string) {
    super([{ pointer: '/file', code: 'file_name', message }]);
  }
}

/** A program, by its name or by its content. */
export class FileTypeRefused extends AppError {
  constructor(what: string) {
    super(
      'unsupported',
      'file_type_refused',
      `Files that can be run are not taken (${what}). Put it into an archive if it has to travel.`,
    );
  }
}

export class FileTypeMismatch extends AppError {
  constructor(extension: string, format: string | null) {
    const content = format === null ? 'something else' : format;
    super('unsupported', 'file_type_mismatch', `The name ends in .${extension}, and the content is ${content}.`);
  }
}

export class AttachedFileRefused extends InvalidInput {
  constructor(code: 'archive_entries' | 'archive_ratio' | 'archive_damaged', message: string) {
    super([{ pointer: '/file', code, message }], 'file_refused');
  }
}
