import type { ReadStream, WriteStream } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { OperatorError } from '../platform/errors/app-error.ts';

/** @throws OperatorError when it cannot be read, before anything was started for it */
export async function openToRead(file: string): Promise<ReadStream> {
  const handle = await opened(file, 'r', 'read');
  if ((await handle.stat()).isDirectory()) {
    await handle.close();
    throw new OperatorError(`${file} is a folder.`);
  }
  return handle.createReadStream();
}

/** Overwrites what is there. @throws OperatorError when it cannot be written, before anything was started for it */
export async function openToWrite(file: string): Promise<WriteStream> {
  return (await opened(file, 'w', 'written')).createWriteStream();
}

export async function refuseExisting(file: string): Promise<void> {
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (isThere) throw new OperatorError(`${file} is there already. Choose another name, or remove it.`);
}

const OWNER_ONLY = 0o600;

function opened(file: string, flags: string, what: string): Promise<FileHandle> {
  return open(file, flags, OWNER_ONLY).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && flags === 'r') throw new OperatorError(`There is no file ${file}.`);
    throw new OperatorError(`${file} cannot be ${what}: ${error.message}`);
  });
}
