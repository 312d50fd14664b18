import { Inject, Injectable } from '@nestjs/common';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';

/** What the name of a file ends with as long as it is being written. */
export const DRAFT = '.draft';
const NAME = /^[\w-]+(?:\.[\w-]+)*$/;

/** Files of tenants, on disk, a folder each. Instances that share a database share this folder as well. */
@Injectable()
export class TenantFiles {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** Where a file lies, or is about to: the folder is there. @param name letters, digits, `-`, `_` and inner dots */
  async pathTo(tenantId: string, name: string): Promise<string> {
    if (!NAME.test(name)) throw new Error(`not a name of a file: ${name}`);
    const folder = this.#folder(tenantId);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return join(folder, name);
  }

  async remove(tenantId: string, name: string): Promise<void> {
    await rm(await this.pathTo(tenantId, name), { force: true });
  }

  /** Those whose names begin so. */
  async removeLike(tenantId: string, start: string): Promise<void> {
    const folder = this.#folder(tenantId);
    const names = await readdir(folder).catch(() => []);
    for (const name of names) if (name.startsWith(start)) await rm(join(folder, name), { force: true });
  }

  /** What was being written by a process that died: drafts, of any tenant, that nobody has written to since. */
  async removeDrafts(before: Date): Promise<number> {
    let removed = 0;
    for (const tenant of await readdir(this.#root).catch(() => [])) {
      const names = await readdir(join(this.#root, tenant)).catch(() => []);
      for (const name of names.filter((each) => each.endsWith(DRAFT))) {
        const path = join(this.#root, tenant, name);
        const written = await stat(path).catch(() => null);
        if (!written?.isFile() || written.mtime >= before) continue;
        await rm(path, { force: true });
        removed += 1;
      }
    }
    return removed;
  }

  async removeAll(tenantId: string): Promise<void> {
    await rm(this.#folder(tenantId), { recursive: true, force: true });
  }

  /** Bytes of all files of a tenant. */
  async sizeOf(tenantId: string): Promise<number> {
    const folder = this.#folder(tenantId);
    const names = await readdir(folder).catch(() => []);
    const sizes = await Promise.all(
      names.map((name) =>
        stat(join(folder, name)).then(
          (entry) => entry.size,
          () => 0,
        ),
      ),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  #folder(tenantId: string): string {
    if (!/^[0-9a-f-]{36}$/.test(tenantId)) throw new Error(`not the id of a tenant: ${tenantId}`);
    return join(this.#root, tenantId);
  }

  get #root(): string {
    return this.config.FILES_DIR ?? join(this.config.DATA_DIR, 'files');
  }
}
