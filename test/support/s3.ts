import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';

const S3_BUCKET = 'pictures';

export interface TestS3 {
  /** What an app needs to use it. */
  settings: Record<string, string>;
  stop(): Promise<void>;
}

/** An S3 server on a free port, with one bucket. */
export async function startS3(): Promise<TestS3> {
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
