import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { glob, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openApiDocument } from '../../src/platform/http/http-server.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client } from '../support/client.ts';

const COMMITTED = new URL('../../docs/openapi.json', import.meta.url);

const SNAPSHOT = new URL('../architecture/access.snapshot.txt', import.meta.url);

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

/** What the document has to say of a route with this access, in the words of the snapshot, and how its callers say who they are. */
function demandOf(access: string): { words: string; schemes: string[] } {
  const [, permission] = /^requires (\S+)$/.exec(access) ?? [];
  if (permission) return { words: `Needs \`${permission}\`.`, schemes: ['bearer', 'apiKey'] };
  if (access === 'signed in') return { words: 'For anybody who is signed in.', schemes: ['bearer', 'apiKey'] };
  if (access.startsWith('operators')) return { words: 'For operators of the installation.', schemes: ['operator'] };
  expect(access).toMatch(/^public/);
  return { words: 'Open to everybody', schemes: [] };
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

  it('refers to shapes that are there, each of its own name', async () => {
    const { schemas } = document.components;
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]*)"/g)].map(
      ([, name]) => name!,
    );
    expect(refs.length).toBeGreaterThan(500);
    expect([...new Set(refs)].filter((name) => !(name in schemas))).toEqual([]);
    const files = glob('src/**/*.dto.ts', { cwd: fileURLToPath(new URL('../..', import.meta.url)) });
    const classes: string[] = [];
    for await (const file of files)
      for (const [, name] of (await readFile(new URL(`../../${file}`, import.meta.url), 'utf8')).matchAll(
        /^(?:export )?class (\w+)/gm,
      ))
        classes.push(name!);
    expect(classes.length).toBeGreaterThan(200);
    expect(classes.filter((name, at) => classes.indexOf(name) !== at)).toEqual([]);
  });

  it('says of every operation what the caller gets, in a sentence that no other one of its tag has', () => {
    expect(operations().length).toBeGreaterThan(250);
    const faults = operations().filter(([, { summary }]) => !/^[A-Z].*[^.\s]$/.test(summary ?? ''));
    expect(faults.map(([name, { summary }]) => [name, summary])).toEqual([]);
    const sentences = operations().flatMap(([, { tags, summary }]) => tags.map((tag: string) => `${tag}: ${summary}`));
    expect(sentences.filter((sentence, at) => sentences.indexOf(sentence) !== at)).toEqual([]);
  });

  it('says of every operation what it asks of the caller, as access.snapshot.txt has it', async () => {
    const snapshot = await readFile(SNAPSHOT, 'utf8');
    const declared = new Map(
      [...snapshot.matchAll(/^(\w+) +(\S+) (.+)$/gm)].map(([, method, path, access]) => [
        `${method} ${path!.replaceAll(/:(\w+)/g, '{$1}')}`,
        access!,
      ]),
    );
    for (const [name, { description, security }] of operations()) {
      const access = declared.get(name);
      expect([name, access]).toEqual([name, expect.any(String)]);
      const { words, schemes } = demandOf(access!);
      expect([name, description]).toEqual([name, expect.stringContaining(words)]);
      const forPeople = description.includes('Not for API keys.');
      const ways = forPeople ? schemes.filter((scheme) => scheme !== 'apiKey') : schemes;
      expect([name, (security ?? []).flatMap(Object.keys)]).toEqual([name, ways]);
    }
  });

  it('says where API keys are refused, and a sign-in has to be fresh', () => {
    const descriptions = new Map(operations().map(([name, { description }]) => [name, description]));
    expect(descriptions.get('GET /api/v1/users/me')).toMatch(/API keys may call it\.$/);
    expect(descriptions.get('PATCH /api/v1/users/me')).toMatch(/Not for API keys\.$/);
    expect(descriptions.get('GET /api/v1/tasks')).toMatch(
      /Needs `task\.read`\. API keys need it among their scopes\.$/,
    );
    expect(descriptions.get('POST /api/v1/auth/api-keys')).toMatch(
      /Needs `key\.create`\. Takes a sign-in of the last five minutes\. Not for API keys\.$/,
    );
  });

  it('groups every operation, and tells what each group is', () => {
    const tags: { name: string; description: string }[] = document.tags;
    expect(tags.length).toBeGreaterThan(10);
    expect(tags.filter(({ description }) => !description)).toEqual([]);
    const untagged = operations().filter(([, operation]) => (operation.tags ?? []).length !== 1);
    expect(untagged.map(([name]) => name)).toEqual([]);
    const used = new Set(operations().flatMap(([, operation]) => operation.tags));
    expect([...used].sort()).toEqual(tags.map(({ name }) => name).sort());
  });

  it('tells that ids in paths are UUIDs, and other names are not', () => {
    const parameters = operations().flatMap(([, operation]) =>
      (operation.parameters ?? []).filter((parameter: any) => parameter.in === 'path'),
    );
    const formats = (isId: boolean) =>
      new Set(parameters.filter(({ name }) => /^id$|Id$/.test(name) === isId).map(({ schema }) => schema.format));
    expect(formats(true)).toEqual(new Set(['uuid']));
    expect(formats(false)).toEqual(new Set([undefined, 'date']));
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
