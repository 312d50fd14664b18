import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { TEST_KEY, type TestApp } from './app.ts';

const CLI = fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url));

export interface CommandOutcome {
  code: number;
  stdout: string;
  stderr: string;
  /** With --json: the document. */
  json: any;
}

/** A command as an operator runs it: another process, on the database of the running app. Needs `npm run build`. @param input what it reads */
export function projectflow(
  app: TestApp,
  args: string[],
  environment: Record<string, string> = {},
  input = '',
): Promise<CommandOutcome> {
  const env = {
    ...process.env,
    DATABASE_URL: app.database.url,
    ENCRYPTION_KEY: TEST_KEY,
    TENANT_HOMES: '2',
    TENANT_CONNECTIONS: '8',
    ...environment,
  };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [CLI, ...args],
      { env, maxBuffer: 16_777_216 },
      (error, stdout, stderr) => {
        const code = error ? Number(error.code) : 0;
        const json = /^[[{]/.test(stdout) ? JSON.parse(stdout) : null;
        resolve({ code, stdout, stderr, json });
      },
    );
    child.stdin?.end(input);
  });
}
