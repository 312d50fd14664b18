import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { openApiDocument } from '../../src/platform/http/http-server.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client } from '../support/client.ts';

const COMMITTED = new URL('../../docs/openapi.json', import.meta.url);

let app: TestApp;
let document: any;
beforeAll(async () => {
  app = await startApp();
  document = (await new Client(app.url).get('/api/openapi.json')).body;
});
afterAll(() => app.stop());

function operations(): [string, any][] {
  return Object.entries<any>(document.paths).flatMap(([path, methods]) =>
    Object.entries<any>(methods).map(([method, operation]): [string, any] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );
}

describe('the OpenAPI document', () => {
  it('is 3.1 and served with a page to browse it', async () => {
    expect(document.openapi).toMatch(/^3\.1/);
    const page = await fetch(`${app.url}/api/docs`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toMatch(/script-src 'self'/);
    expect(await page.text()).toMatch(/swagger-ui-bundle\.js/);
    const script = await fetch(`${app.url}/api/docs/swagger-ui-bundle.js`);
    expect(script.status).toBe(200);
    // Read to its end, or the server could not close the connection.
    expect(await script.text()).toMatch(/swagger/i);
  });

  it('describes the answer of every route below /api and its errors', () => {
    const api = operations().filter(([name]) => name.includes('/api/v1/'));
    expect(api.length).toBeGreaterThan(25);
    for (const [name, operation] of api) {
      const success = Object.keys(operation.responses).filter((status) => /^2|^302$/.test(status));
      expect([name, success.length]).toEqual([name, 1]);
      expect([name, Object.keys(operation.responses)]).toEqual([name, expect.arrayContaining(['4XX', '5XX'])]);
      const answer = operation.responses[success[0]!];
      if (success[0] === '204' || success[0] === '302') continue;
      // A file is described by its media type.
      const { data } = answer.content['application/json']?.schema.properties ?? {
        data: Object.values(answer.content)[0],
      };
      expect([name, data]).toEqual([name, expect.anything()]);
    }
  });

  it('gives every operation a name of its own', () => {
    const names = operations().map(([, operation]) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  it('refers to schemas that are there', () => {
    const references = JSON.stringify(document).match(/#\/components\/schemas\/\w+/g) ?? [];
    expect(references.length).toBeGreaterThan(50);
    for (const reference of new Set(references)) {
      expect(document.components.schemas).toHaveProperty(reference.split('/').at(-1)!);
    }
  });

  it('is the one that is committed (UPDATE_OPENAPI=1 npm test writes it)', async () => {
    const text = `${JSON.stringify(openApiDocument(app.nest), null, 2)}\n`;
    if (process.env['UPDATE_OPENAPI']) await writeFile(COMMITTED, text);
    expect(await readFile(COMMITTED, 'utf8')).toBe(text);
  });
});
