import { AppError } from '../errors/app-error.ts';

export class FilesAway extends AppError {
  constructor(cause: unknown) {
    super('unavailable', 'files_away', 'Files cannot be reached at this moment. Try again shortly.', {
      retryAfter: 5,
      cause,
    });
  }
}

export class FileTooLarge extends AppError {
  constructor(mostBytes: number) {
    super('oversized', 'file_too_large', `A file has at most ${mostBytes / 1024 / 1024} MiB here.`);
  }
}
