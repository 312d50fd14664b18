import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { signIn, signUp, type Person, type TestTenant } from '../support/tenant.ts';
import { attached, download } from './files.ts';

let app: TestApp;
let acme: TestTenant;
let mia: Person;
let project: { id: string };
let task: { id: string };
let file: { id: string; sha256: string };
beforeAll(async () => {
  app = await startApp();
});
afterAll(async () => app.stop());
beforeEach(async () => {
  acme = await signUp(app);
  mia = await acme.join('Mia', 'member');
  project = await acme.project('Website', [[mia, 'member']]);
  task = await acme.task(project.id);
  file = await attached(acme.owner, task.id, '0123456789', 'a.txt');
});

const nobody = () => new Client(app.url);
const linkOf = async (who: Client, body: object = {}) =>
  expectStatus(await who.post(`/attachments/${file.id}/links`, body), 200).data;
const tokenOf = ({ url }: { url: string }) => new URL(url).searchParams.get('token')!;
const follow = (token: string) => nobody().get(`/files?token=${encodeURIComponent(token)}`);
const refused = { status: 404, code: 'file_link_not_valid' };
const outcome = async (token: string) => {
  const { status, error } = await follow(token);
  return { status, code: error?.code };
};

describe('a link to a file', () => {
  it('works without signing in and without naming the organisation, in parts too', async () => {
    const before = Date.now();
    const link = await linkOf(mia);
    expect(link.url.startsWith(`${app.url}/api/v1/files?token=`)).toBe(true);
    const left = Date.parse(link.expiresAt) - before;
    expect(left > 290_000 && left <= 310_000).toBe(true);
    const whole = await download(nobody(), link.url);
    expect([whole.status, whole.content.toString(), whole.headers.get('content-disposition')]).toEqual([
      200,
      '0123456789',
      'attachment; filename="a.txt"',
    ]);
    const part = await download(nobody(), link.url, { range: 'bytes=2-4' });
    expect([part.status, part.content.toString()]).toEqual([206, '234']);
    expect((await download(nobody(), link.url, { 'if-none-match': `"${file.sha256}"` })).status).toBe(304);
  });

  it('lasts as long as was asked for, an hour at most', async () => {
    const token = tokenOf(await linkOf(mia, { expiresInSeconds: 1 }));
    await eventually(async () => expect(await outcome(token)).toEqual(refused));
    for (const expiresInSeconds of [0, 3_601, 1.5, '60']) {
      const answer = await mia.post(`/attachments/${file.id}/links`, { expiresInSeconds });
      expect([answer.status, answer.error.details[0]!.pointer]).toEqual([400, '/expiresInSeconds']);
    }
    expectStatus(await mia.post(`/attachments/${file.id}/links`, { expiresInSeconds: 3_600 }), 200);
  });

  it('is refused when any part of it is another', async () => {
    const globex = await signUp(app);
    const secret = await attached(
      acme.owner,
      (await acme.task((await acme.project('Secret')).id)).id,
      'secret',
      's.txt',
    );
    const token = tokenOf(await linkOf(mia));
    expect(await outcome(token)).toMatchObject({ status: 200 });
    const bytes = Buffer.from(token, 'base64url');
    const idBytes = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex');
    const [later, earlier] = [Buffer.from(bytes.subarray(64, 68)), Buffer.alloc(4)];
    later.writeUInt32BE(later.readUInt32BE() + 1_000);
    const parts: [number, Buffer][] = [
      [0, idBytes(globex.id)],
      [16, idBytes(secret.id)],
      [32, idBytes(acme.owner.id)],
      [48, idBytes(acme.owner.id)],
      [64, later],
      [64, earlier],
      [68, Buffer.from([1])],
    ];
    for (const [at, value] of parts) {
      const forged = Buffer.from(bytes);
      value.copy(forged, at);
      expect(forged.equals(bytes)).toBe(false);
      expect(await outcome(forged.toString('base64url'))).toEqual(refused);
    }
    for (let at = 0; at < bytes.length; at += 7) {
      const forged = Buffer.from(bytes);
      forged[at]! ^= 1;
      expect(await outcome(forged.toString('base64url'))).toEqual(refused);
    }
    const texts = [
      '',
      'x',
      token.slice(0, -1),
      `${token}A`,
      `${token}=`,
      ` ${token}`,
      token.slice(0, 69),
      token.toLowerCase(),
    ];
    for (const text of texts) expect(await outcome(text)).toEqual(refused);
    const twice = await nobody().get(`/files?token=${token}&token=${token}`);
    expect([twice.status, twice.error.code]).toEqual([404, 'file_link_not_valid']);
    expect((await nobody().get('/files')).error.code).toBe('file_link_not_valid');
    expect((await nobody().get(`/files?token=${token}&name=x`)).status).toBe(400);
  });

  it('ends when whoever asked for it may not see the task any more', async () => {
    const [theirs, owners] = [tokenOf(await linkOf(mia)), tokenOf(await linkOf(acme.owner))];
    expectStatus(await acme.owner.delete(`/projects/${project.id}/members/${mia.id}`), 204);
    await eventually(async () => expect(await outcome(theirs)).toEqual(refused));
    expect(await outcome(owners)).toMatchObject({ status: 200 });
  });

  it('ends when whoever asked for it is deactivated', async () => {
    const token = tokenOf(await linkOf(mia));
    expectStatus(await acme.owner.patch(`/users/${mia.id}`, { active: false }), 200);
    await eventually(async () => expect(await outcome(token)).toEqual(refused));
  });

  it('ends with the session that asked for it, and with no other', async () => {
    const again = await signIn(acme.visitor, mia.email);
    const [first, second] = [tokenOf(await linkOf(mia)), tokenOf(await linkOf(again))];
    expectStatus(await mia.post('/auth/logout', { refreshToken: mia.refreshToken }), 204);
    await eventually(async () => expect(await outcome(first)).toEqual(refused));
    expect(await outcome(second)).toMatchObject({ status: 200 });
  });

  it('ends with the API key that asked for it, and shows no more than the key may see', async () => {
    const made = expectStatus(
      await mia.post('/auth/api-keys', { name: 'viewer', scopes: ['task.read:member', 'project.read:member'] }),
      201,
    ).data;
    const machine = new Client(app.url, { 'x-api-key': made.key });
    const token = tokenOf(await linkOf(machine));
    expect(await outcome(token)).toMatchObject({ status: 200 });
    expectStatus(await mia.delete(`/auth/api-keys/${made.id}`), 204);
    await eventually(async () => expect(await outcome(token)).toEqual(refused));
  });

  it('ends with the file, and with the task', async () => {
    const token = tokenOf(await linkOf(mia));
    const other = await attached(acme.owner, task.id, 'other', 'b.txt');
    const ofOther = tokenOf(expectStatus(await mia.post(`/attachments/${other.id}/links`, {}), 200).data);
    expectStatus(await acme.owner.delete(`/attachments/${file.id}`), 204);
    expect(await outcome(token)).toEqual(refused);
    expect(await outcome(ofOther)).toMatchObject({ status: 200 });
    expectStatus(await acme.owner.delete(`/tasks/${task.id}`), 204);
    expect(await outcome(ofOther)).toEqual(refused);
  });

  it('is closed while the organisation is suspended', async () => {
    const token = tokenOf(await linkOf(mia));
    const tenants = app.nest.get(TenantsService);
    await tenants.suspend(acme.slug);
    await eventually(async () => expect(await outcome(token)).toEqual({ status: 403, code: 'tenant_suspended' }));
    await tenants.resume(acme.slug);
    await eventually(async () => expect(await outcome(token)).toMatchObject({ status: 200 }));
  });

  it('is for those who may see the file', async () => {
    const jo = await acme.join('Jo', 'member');
    const answer = await jo.post(`/attachments/${file.id}/links`, {});
    expect([answer.status, answer.error.code]).toEqual([404, 'attachment_not_found']);
  });
});
