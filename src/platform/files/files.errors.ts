import { AppError } from '../errors/app-error.ts';

const MIB = 1024 * 1024;

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
    const most = mostBytes < MIB ? `${mostBytes} bytes` : `${Math.round((mostBytes / MIB) * 10) / 10} MiB`;
    super('oversized', 'file_too_large', `A file has at most ${most} here.`);
  }
}

export class RangeOutside extends AppError {
  constructor(bytes: number) {
    super(
      'unsatisfiable',
      'range_not_satisfiable',
      `The file has ${bytes} bytes, and none of those that were asked for.`,
    );
  }
}
