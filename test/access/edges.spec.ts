import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import http from 'node:http';
import pg from 'pg';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const NOBODY = '0190a000-0000-7000-8000-000000000000';

let app: TestApp;
let acme: TestTenant;
let mia: Person;
let gwen: Person;
let stranger: Person;
let project: { id: string };

beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  mia = await acme.join('Mia', 'member');
  gwen = await acme.join('Gwen', 'guest');
  stranger = await acme.join('Sten', 'member');
  project = await acme.project('Apollo', [
    [gwen, 'manager'],
    [mia, 'member'],
  ]);
});
afterAll(() => app.stop());

/** What the client cannot send by itself: the header Host. */
function statusOf(path: string, host: string): Promise<number> {
  const { hostname, port } = new URL(app.url);
  return new Promise((resolve, reject) => {
    http
      .get({ hostname, port, path, headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode!);
      })
      .on('error', reject);
  });
}

describe('a guest who manages a project', () => {
  it('makes its members its owner, and for everybody else hears what is heard for an unknown id', async () => {
    const give = (ownerId: string) => gwen.patch(`/projects/${project.id}`, { ownerId });
    const [unknown, unseen] = [await give(NOBODY), await give(stranger.id)];
    expect([unknown.status, unseen.status]).toEqual([400, 400]);
    expect(unseen.error).toEqual(unknown.error);
    expectStatus(await give(mia.id), 200);
    expectStatus(await give(gwen.id), 200);
  });
});

describe('the picture of a person', () => {
  it('is there for whoever may know of them; for everybody else there is nobody', async () => {
    const hidden = await acme.join('Hedda', 'member');
    for (const person of [mia, hidden]) {
      const body = new FormData();
      body.set('file', new Blob([PICTURE], { type: 'image/png' }), 'a.png');
      expectStatus(await person.call('PUT', '/users/me/avatar', { body }), 200);
    }
    const [seen, unseen, unknown] = [mia.id, hidden.id, NOBODY].map((id) => gwen.get(`/users/${id}/avatar`));
    expectStatus(await seen!, 200);
    expect([(await unseen!).status, (await unseen!).error]).toEqual([404, (await unknown!).error]);
    expectStatus(await mia.get(`/users/${hidden.id}/avatar`), 200);
  });
});

describe('the header Authorization', () => {
  it.each([
    ['something behind the token', (token: string) => `Bearer ${token} junk`],
    ['two tokens', (token: string) => `Bearer ${token}, Bearer ${token}`],
    ['a quoted token', (token: string) => `Bearer "${token}"`],
    ['no blank', (token: string) => `Bearer${token}`],
    ['another scheme', (token: string) => `Token ${token}`],
  ])('is refused with %s', async (_, header) => {
    const visitor = acme.visitor.with({ authorization: header(mia.accessToken) });
    expectStatus(await visitor.get('/users/me'), 401);
  });

  it('is taken with the scheme in any case', async () => {
    expectStatus(await acme.visitor.with({ authorization: `bearer ${mia.accessToken}` }).get('/users/me'), 200);
  });
});

describe('what is for this machine alone', () => {
  it('is asked for under a name of this machine', async () => {
    const names = ['localhost', 'localhost:3000', '127.0.0.1', '127.0.0.1:80', '[::1]:3000', 'acme.localhost'];
    for (const host of names) expect([host, await statusOf('/health', host)]).toEqual([host, 200]);
    for (const host of ['evil.test', 'evil.test:3000', 'localhost.evil.test', '127.0.0.1.evil.test', '10.0.0.1'])
      expect([host, await statusOf('/health', host)]).toEqual([host, 404]);
  });
});

describe('a time zone', () => {
  it('is stored under its canonical name, however it is written', async () => {
    const zoneOf = async (timeZone: string) =>
      expectStatus(await mia.patch('/users/me', { timeZone }), 200).data.timeZone;
    expect(await zoneOf('europe/berlin')).toBe('Europe/Berlin');
    expect(await zoneOf('US/Pacific')).toBe('America/Los_Angeles');
    expect(await zoneOf('asia/CALCUTTA')).toBe('Asia/Kolkata');
    const { error } = expectStatus(await mia.patch('/users/me', { timeZone: 'Mars/Olympus' }), 400);
    expect(error.details[0]!.pointer).toBe('/timeZone');
  });
});

describe('the role of a tenant', () => {
  it('makes no large objects, and does not know the channel that processes listen on', async () => {
    const { rows } = await app.owner.query<{ role: string }>(
      `SELECT rolname AS role FROM pg_roles WHERE rolname ~ '^pf_.*_t_' LIMIT 1`,
    );
    const client = new pg.Client({ connectionString: app.database.url });
    await client.connect();
    try {
      await client.query(`SET ROLE ${pg.escapeIdentifier(rows[0]!.role)}`);
      for (const call of [`lo_create(0)`, `lo_from_bytea(0, 'x')`, `lo_creat(-1)`, `lo_get(1)`, `lo_unlink(1)`])
        await expect(client.query(`SELECT ${call}`)).rejects.toMatchObject({ code: '42501' });
      await client.query(`SELECT pg_notify('projectflow', 'forget ["actor"]')`);
    } finally {
      await client.end();
    }
    const { rows: listening } = await app.owner.query<{ query: string }>(
      `SELECT query FROM pg_stat_activity WHERE application_name = 'projectflow listen' AND datname = current_database()`,
    );
    expect(listening.length).toBeGreaterThan(0);
    expect(listening.some(({ query }) => /^LISTEN "?projectflow"?$/.test(query))).toBe(false);
  });
});
