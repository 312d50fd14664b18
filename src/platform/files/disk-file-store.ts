import { existsSync } from 'node:fs';
import { open, rename, writeFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { FileStore, type ByteRange } from './file-store.ts';
import { DRAFT, type TenantFiles } from './tenant-files.ts';

/** In the folder that exports lie in as well. */
export class DiskFileStore extends FileStore {
  constructor(private readonly files: TenantFiles) {
    super();
  }

  async put(tenantId: string, name: string, content: Buffer): Promise<void> {
    const path = await this.files.pathTo(tenantId, name);
    // Under its name it is whole: a process that dies here leaves a draft that nobody opens.
    await writeFile(`${path}${DRAFT}`, content, { mode: 0o600 });
    await rename(`${path}${DRAFT}`, path);
  }

  async takeOver(tenantId: string, name: string, path: string): Promise<void> {
    await rename(path, await this.files.pathTo(tenantId, name));
  }

  async has(tenantId: string, name: string): Promise<boolean> {
    return existsSync(await this.files.pathTo(tenantId, name));
  }

  async open(tenantId: string, name: string, range?: ByteRange): Promise<Readable | null> {
    // Before an answer has begun: afterwards it could only be broken off.
    const handle = await open(await this.files.pathTo(tenantId, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    return handle?.createReadStream(range) ?? null;
  }

  remove(tenantId: string, name: string): Promise<void> {
    return this.files.remove(tenantId, name);
  }

  removeAll(tenantId: string): Promise<void> {
    return this.files.removeAll(tenantId);
  }

  sizeOf(tenantId: string): Promise<number> {
    return this.files.sizeOf(tenantId);
  }
}
