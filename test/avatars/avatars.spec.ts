import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import sharp from 'sharp';
import { TenantFiles } from '../../src/platform/files/tenant-files.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus, type Client } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { sqlOf } from '../support/sql.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';
import { formOf } from '../support/upload.ts';
import { bombOf, downloadOf, drawing, pngWith, tallJpeg } from './pictures.ts';

let app: TestApp;
let acme: TestTenant;
let mia: Person;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  mia = await acme.join('Mia', 'viewer');
});
afterAll(() => app.stop());

const put = (client: Client, form: FormData, path = '/users/me/avatar') => client.call('PUT', path, { body: form });

async function filesOf(tenant: TestTenant): Promise<string[]> {
  return readdir(dirname(await app.nest.get(TenantFiles).pathTo(tenant.id, 'any')));
}

describe('a picture', () => {
  it('is put by anybody for themselves, made square and told in the person', async () => {
    expect(expectStatus(await mia.get('/users/me'), 200).data.avatarUrl).toBeNull();
    const { data } = expectStatus(await put(mia, formOf(await drawing(900, 300).png().toBuffer())), 200);
    expect(data).toEqual({ userId: mia.id, avatarUrl: expect.stringContaining(`/api/v1/users/${mia.id}/avatar?v=`) });
    expect(expectStatus(await acme.owner.get(`/users/${mia.id}`), 200).data.avatarUrl).toBe(data.avatarUrl);
    const { headers, content } = await downloadOf(acme.owner, data.avatarUrl);
    expect(await sharp(content).metadata()).toMatchObject({ format: 'webp', width: 256, height: 256 });
    expect(headers.get('content-type')).toBe('image/webp');
    expect(headers.get('content-disposition')).toBe('inline; filename="avatar.webp"');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('private, no-cache');
  });

  it.each([
    ['JPEG', 'image/jpeg', () => drawing(64, 64).jpeg().toBuffer()],
    ['WebP', 'image/webp', () => drawing(64, 64).webp().toBuffer()],
  ])('may be a %s', async (_, type, make) => {
    expectStatus(await put(mia, formOf(await make(), 'me', type)), 200);
  });

  it('is sent once to a client that keeps it', async () => {
    const { headers } = await downloadOf(mia, `/users/${mia.id}/avatar`);
    const again = await mia.get(`/users/${mia.id}/avatar`, { 'if-none-match': headers.get('etag')! });
    expect([again.status, again.headers.get('etag')]).toEqual([304, headers.get('etag')]);
    expectStatus(await put(mia, formOf(await drawing(10, 10).png().toBuffer())), 200);
    const other = await downloadOf(mia, `/users/${mia.id}/avatar`, { 'if-none-match': headers.get('etag')! });
    expect(other.headers.get('etag')).not.toBe(headers.get('etag'));
  });

  it('has another address when it is another one, and the former file is gone', async () => {
    const globex = await signUp(app);
    const first = expectStatus(await put(globex.owner, formOf(await drawing(9, 9).png().toBuffer())), 200).data;
    const [before] = await filesOf(globex);
    const second = expectStatus(await put(globex.owner, formOf(await drawing(9, 9).png().toBuffer())), 200).data;
    expect(second.avatarUrl).not.toBe(first.avatarUrl);
    await eventually(async () => expect(await filesOf(globex)).toHaveLength(1));
    expect(await filesOf(globex)).not.toContain(before);
    expectStatus(await globex.owner.delete('/users/me/avatar'), 204);
    expectStatus(await globex.owner.delete('/users/me/avatar'), 204);
    await eventually(async () => expect(await filesOf(globex)).toEqual([]));
    expect(await globex.owner.get(`/users/${globex.owner.id}/avatar`)).toMatchObject({
      status: 404,
      error: { code: 'avatar_not_found' },
    });
    expect(expectStatus(await globex.owner.get('/users/me'), 200).data.avatarUrl).toBeNull();
  });

  it('stands upright, and says nothing of where it was taken', async () => {
    expectStatus(await put(mia, formOf(await tallJpeg(), 'me.jpg', 'image/jpeg')), 200);
    const { content } = await downloadOf(mia, `/users/${mia.id}/avatar`);
    const { exif, xmp, icc, orientation } = await sharp(content).metadata();
    expect([exif, xmp, icc, orientation]).toEqual([undefined, undefined, undefined, undefined]);
    expect(content.includes('Secret Street')).toBe(false);
    // Its red half lay to the left as it was stored, and is above as it was seen.
    const { data, info } = await sharp(content).raw().toBuffer({ resolveWithObject: true });
    const pixel = (x: number, y: number) => [...data.subarray((y * info.width + x) * info.channels).subarray(0, 3)];
    const [red, , blue] = pixel(128, 10);
    expect(red! > 200 && blue! < 60).toBe(true);
    const [lowRed, , lowBlue] = pixel(128, 245);
    expect(lowRed! < 60 && lowBlue! > 200).toBe(true);
  });

  it('is written anew, so that nothing that was hidden in it is left', async () => {
    const html = '<script>alert(document.domain)</script>';
    const polyglot = pngWith(await drawing(32, 32).png().toBuffer(), `comment\0${html}`);
    expect(polyglot.includes(html)).toBe(true);
    const form = formOf(Buffer.concat([polyglot, Buffer.from(html)]), '../../evil.html', 'text/html');
    expectStatus(await put(mia, form), 200);
    const { content } = await downloadOf(mia, `/users/${mia.id}/avatar`);
    expect(content.includes('script')).toBe(false);
    const { avatar } = (await (await sqlOf(app, acme))('SELECT avatar FROM "@tenant".users WHERE id = $1', mia.id))[0];
    const stored = await readFile(await app.nest.get(TenantFiles).pathTo(acme.id, `avatar-${avatar}.webp`));
    expect(stored.equals(content)).toBe(true);
  });
});

describe('what is no picture', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>';
  it.each([
    ['an SVG', async () => Buffer.from(svg), 'picture_type'],
    ['a page', async () => Buffer.from('<html><script>alert(1)</script></html>'), 'picture_type'],
    ['a GIF', () => drawing(9, 9).gif().toBuffer(), 'picture_type'],
    ['a TIFF', () => drawing(9, 9).tiff().toBuffer(), 'picture_type'],
    ['nothing', async () => Buffer.alloc(0), 'picture_type'],
    ['a picture that is cut off', async () => (await noise()).subarray(0, 20_000), 'picture_damaged'],
    ['a head without a picture', async () => Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'picture_damaged'],
    ['a picture that would fill the memory', async () => bombOf(30_000, 30_000), 'picture_pixels'],
  ])('is refused when it is %s, and the one before stays', async (_, make, code) => {
    const before = expectStatus(await mia.get('/users/me'), 200).data;
    const files = await filesOf(acme);
    const answer = await put(mia, formOf(await make()));
    expect(answer).toMatchObject({
      status: 400,
      error: { code: 'picture_refused', details: [{ pointer: '/file', code }] },
    });
    expect(expectStatus(await mia.get('/users/me'), 200).data).toEqual(before);
    expect((await filesOf(acme)).filter((file) => !files.includes(file))).toEqual([]);
  });

  it('is refused when it is larger than 5 MiB, told or not', async () => {
    const large = Buffer.concat([await drawing(9, 9).png().toBuffer(), Buffer.alloc(5 * 1024 * 1024)]);
    expect(await put(mia, formOf(large))).toMatchObject({ status: 413, error: { code: 'file_too_large' } });
    const boundary = 'xyz';
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\n`;
    const parts = [Buffer.from(head), large, Buffer.from(`\r\n--${boundary}--\r\n`)];
    // In chunks, without a length that could be looked at beforehand.
    const body = new ReadableStream({
      start(controller) {
        for (const part of parts) controller.enqueue(part);
        controller.close();
      },
    });
    const headers = { ...mia.headers, 'content-type': `multipart/form-data; boundary=${boundary}` };
    const response = await fetch(`${app.url}/api/v1/users/me/avatar`, {
      method: 'PUT',
      headers,
      body,
      duplex: 'half',
    });
    expect([response.status, ((await response.json()) as any).error.code]).toEqual([413, 'file_too_large']);
  });

  it('is refused as anything but one file in the field file', async () => {
    const picture = await drawing(9, 9).png().toBuffer();
    const two = formOf(picture);
    two.append('file', new Blob([picture]), 'b.png');
    const more = formOf(picture);
    more.append('note', 'text');
    for (const form of [two, more, formOf(picture, 'a.png', 'image/png', 'picture'), new FormData()]) {
      const answer = await put(mia, form);
      expect([answer.status, answer.error.details[0]!.code]).toEqual([400, 'one_file']);
    }
    const json = await mia.put('/users/me/avatar', { file: 'x' });
    expect([json.status, json.error.code]).toEqual([415, 'unsupported_media_type']);
    const broken = { 'content-type': 'multipart/form-data; boundary=x' };
    expect(await mia.call('PUT', '/users/me/avatar', { headers: broken, body: '--x\r\ncontent' })).toMatchObject({
      status: 400,
      error: { code: 'malformed_request' },
    });
    expect(
      await mia.call('PUT', '/users/me/avatar', { headers: { 'content-type': 'multipart/form-data' }, body: 'x' }),
    ).toMatchObject({ status: 400 });
  });

  it('is taken by no other route', async () => {
    for (const [method, path] of [
      ['PATCH', '/users/me'],
      ['POST', '/projects'],
      ['DELETE', '/users/me/avatar'],
      ['POST', '/nothing'],
    ] as const) {
      const answer = await acme.owner.call(method, path, { body: formOf(Buffer.from('x')) });
      expect([path, answer.status, answer.error.code]).toEqual([path, 415, 'unsupported_media_type']);
    }
  });
});

describe('the picture of somebody else', () => {
  it('is put and removed with user.update, and not of somebody above', async () => {
    const ada = await acme.join('Ada', 'admin');
    const max = await acme.join('Max', 'member');
    const form = async () => formOf(await drawing(9, 9).png().toBuffer());
    expectStatus(await put(ada, await form(), `/users/${max.id}/avatar`), 200);
    expect((await put(mia, await form(), `/users/${max.id}/avatar`)).status).toBe(403);
    for (const answer of [
      await put(ada, await form(), `/users/${acme.owner.id}/avatar`),
      await ada.delete(`/users/${acme.owner.id}/avatar`),
    ])
      expect([answer.status, answer.error.code]).toEqual([403, 'user_out_of_reach']);
    expectStatus(await ada.delete(`/users/${max.id}/avatar`), 204);
    expect(expectStatus(await max.get('/users/me'), 200).data.avatarUrl).toBeNull();
  });

  it('is seen by everybody in the organisation, and by nobody else', async () => {
    const globex = await signUp(app);
    await downloadOf(mia, `/users/${mia.id}/avatar`);
    expect((await globex.owner.get(`/users/${mia.id}/avatar`)).status).toBe(404);
    expect((await acme.visitor.get(`/users/${mia.id}/avatar`)).status).toBe(401);
  });

  it('is recorded', async () => {
    const { data } = expectStatus(await acme.owner.get(`/tenants/current/audit-log?targetId=${mia.id}`), 200);
    expect(data.map((event: any) => event.action)).toContain('avatar.changed');
  });
});

/** A picture that does not become small. */
async function noise(): Promise<Buffer> {
  const raw = Buffer.from(Array.from({ length: 200 * 200 * 3 }, (_, i) => (i * 7919 + (i % 255) * 31) % 256));
  return sharp(raw, { raw: { width: 200, height: 200, channels: 3 } })
    .png({ compressionLevel: 0 })
    .toBuffer();
}
