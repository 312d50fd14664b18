import { Injectable } from '@nestjs/common';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Snapshot } from '../platform/archive/snapshot.ts';
import type { ArchivedFile } from '../platform/archive/write-archive.ts';
import { FileStore } from '../platform/files/file-store.ts';
import { DRAFT, TenantFiles } from '../platform/files/tenant-files.ts';
import { listFileKeys } from './archived-files.queries.ts';

const FOLDER = 'attachments/';
/** Whoever wrote an archive may mean harm: no file of it takes the name of an export, or of anything else that we keep. */
const OURS = /^attachments\/(attachment-[0-9a-f]{32}(?:\.webp)?)$/;

/** Takes the files of an archive, and takes them back when the archive turns out to be damaged. */
export interface FileIntake {
  onFile: (path: string, content: AsyncIterable<Buffer>) => Promise<void>;
  undo: () => Promise<void>;
}

/** The files that rows of a tenant refer to, on their way into archives, out of them, and to a second tenant. */
@Injectable()
export class ArchivedFiles {
  constructor(
    private readonly files: FileStore,
    private readonly folder: TenantFiles,
  ) {}

  /** In turn, each opened when it is read. One that was removed since is left out. */
  async *of(tenantId: string, from: Snapshot): AsyncGenerator<ArchivedFile> {
    for (const name of await listFileKeys(from)) {
      const content = await this.files.open(tenantId, name);
      if (content) yield { path: FOLDER + name, content };
    }
  }

  /** What is there already is kept as it is: a name stands for one content. */
  intake(tenantId: string): FileIntake {
    const stored: string[] = [];
    return {
      onFile: async (path, content) => {
        const [, name] = OURS.exec(path) ?? [];
        if (name === undefined || (await this.files.has(tenantId, name))) return;
        stored.push(name);
        await this.#store(tenantId, name, content);
      },
      undo: async () => {
        for (const name of stored) await this.files.remove(tenantId, name);
      },
    };
  }

  /** @param to a tenant that is about to be, and has no files yet */
  async copy(from: { tenantId: string; snapshot: Snapshot }, to: FileIntake): Promise<void> {
    for await (const { path, content } of this.of(from.tenantId, from.snapshot))
      await to.onFile(path, content as AsyncIterable<Buffer>);
  }

  async #store(tenantId: string, name: string, content: AsyncIterable<Buffer>): Promise<void> {
    const draft = await this.folder.pathTo(tenantId, `${name}${DRAFT}`);
    try {
      await pipeline(content, createWriteStream(draft, { mode: 0o600 }));
      await this.files.takeOver(tenantId, name, draft);
    } finally {
      await rm(draft, { force: true });
    }
  }
}
