import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const S3_BUCKET = 'pictures';

export interface TestS3 {
  /** What an app needs to use it. */
  settings: Record<string, string>;
  stop(): Promise<void>;
}

interface Server {
  run(): Promise<{ address: string; port: number }>;
  close(): Promise<void>;
}

/** An S3 server on a free port, with one bucket. */
export async function startS3(): Promise<TestS3> {
  const S3rver = createRequire(import.meta.url)('s3rver') as new (options: object) => Server;
  const directory = await mkdtemp(join(tmpdir(), 'projectflow-s3-'));
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    configureBuckets: [{ name: S3_BUCKET }],
  });
  const { port } = await server.run();
  return {
    settings: {
      S3_BUCKET,
      S3_ENDPOINT: `http://127.0.0.1:${port}`,
      // The only key that it knows.
      S3_ACCESS_KEY: 'S3RVER',
      S3_SECRET_KEY: 'S3RVER',
    },
    stop: async () => {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
