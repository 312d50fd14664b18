import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';

/** The version in package.json, which lies one level further up once the code is compiled into dist/. */
export const PRODUCT_VERSION: string = readVersion();

function readVersion(): string {
  const require = createRequire(import.meta.url);
  for (const path of ['../../../package.json', '../../../../package.json']) {
    const url = new URL(path, import.meta.url);
    if (existsSync(url)) return (require(url.pathname) as { version: string }).version;
  }
  return 'unknown';
}
