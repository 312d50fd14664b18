import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { bombOf, drawing } from '../avatars/pictures.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus, type Answer } from '../support/client.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';
import { formOf } from '../support/upload.ts';
import { attach, attached, expectNoFile, zipOf } from './files.ts';

const PROGRAM = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(300)]);
const png = () => drawing(20, 20).png().toBuffer();

let app: TestApp;
let acme: TestTenant;
let task: { id: string };
beforeAll(async () => {
  app = await startApp();
});
afterAll(async () => app.stop());
beforeEach(async () => {
  acme = await signUp(app);
  task = await acme.task((await acme.project('Website')).id);
});
/** Whatever was refused has left nothing. */
afterEach(async () => {
  await expectNoFile(app, acme.id);
  expect((await acme.owner.get(`/tasks/${task.id}/attachments`)).data).toEqual([]);
});

async function expectRefused(content: Uint8Array | string, name: string, refusal: unknown[]): Promise<void> {
  const { status, error } = await attach(acme.owner, task.id, content, name);
  expect([name, status, error?.code, error?.details[0]?.code]).toEqual([name, ...refusal]);
}

describe('programs', () => {
  it('are refused by their name', async () => {
    for (const name of ['setup.exe', 'a.pdf.EXE', 'run.bat', 'x.js', 'y.lnk', 'z.jar', 'w.sh', 'ends.exe. .'])
      await expectRefused('harmless', name, [415, 'file_type_refused', undefined]);
  });

  it('are refused by their content', async () => {
    const programs = [
      PROGRAM,
      Buffer.from('7f454c46020101' + '00'.repeat(300), 'hex'),
      Buffer.from('cafebabe00000034' + '00'.repeat(99), 'hex'),
    ];
    for (const program of programs)
      for (const name of ['data', 'report.dat', 'photo.png'])
        await expectRefused(program, name, [415, 'file_type_refused', undefined]);
    await expectRefused(PROGRAM, 'notes.txt', [415, 'file_type_refused', undefined]);
  });
});

describe('a file that is something else than its name says', () => {
  it('is refused', async () => {
    const lies: [Uint8Array | string, string][] = [
      [await png(), 'photo.jpg'],
      [await png(), 'report.pdf'],
      [await png(), 'notes.txt'],
      ['no picture', 'photo.png'],
      ['<script>alert(1)</script>', 'photo.gif'],
      ['', 'empty.docx'],
      ['%PDF-1.4 all of it in letters', 'notes.md'],
      [zipOf([{ name: 'a.txt', content: Buffer.from('a') }]), 'sheet.xls'],
    ];
    for (const [content, name] of lies) await expectRefused(content, name, [415, 'file_type_mismatch', undefined]);
  });
});

describe('the name of a file', () => {
  it('has no control characters, none that turn its direction, and is not empty or endless', async () => {
    for (const name of ['a\u202Egnp.txt', 'a\u0007.txt', '...', ' ', `${'x'.repeat(252)}.txt`])
      await expectRefused('text', name, [400, 'validation_failed', 'file_name']);
  });
});

describe('what an archive holds', () => {
  const small = { name: 'a.txt', content: Buffer.from('a') };

  it('is refused when there is far more of it than the file', async () => {
    const bomb = { ...small, claims: 3_000_000_000 };
    await expectRefused(zipOf([bomb]), 'bomb.zip', [400, 'file_refused', 'archive_ratio']);
    await expectRefused(zipOf([bomb]), 'bomb.docx', [400, 'file_refused', 'archive_ratio']);
    await expectRefused(zipOf([{ ...small, claims: 9_000_000_000 }], { large: true }), 'large.zip', [
      400,
      'file_refused',
      'archive_ratio',
    ]);
    const many = Array.from({ length: 10_001 }, (_, i) => ({ ...small, name: String(i) }));
    await expectRefused(zipOf(many), 'many.zip', [400, 'file_refused', 'archive_entries']);
  });

  it('is refused when its list cannot be read', async () => {
    const zip = zipOf([small, { name: 'b', content: Buffer.alloc(500, 'b') }]);
    await expectRefused(zip.subarray(0, zip.length - 30), 'cut.zip', [400, 'file_refused', 'archive_damaged']);
    const lying = Buffer.from(zip);
    lying.writeUInt16LE(900, zip.length - 12);
    await expectRefused(lying, 'lying.zip', [400, 'file_refused', 'archive_damaged']);
  });
});

describe('a picture with too many pixels', () => {
  it('is refused, however small the file is', async () => {
    await expectRefused(bombOf(30_000, 30_000), 'bomb.png', [400, 'picture_refused', 'picture_pixels']);
  });
});

describe('the form', () => {
  const post = (body: FormData | object): Promise<Answer> =>
    acme.owner.call('POST', `/tasks/${task.id}/attachments`, { body });

  it('holds one file in the field file, and a commentId at most', async () => {
    const text = Buffer.from('text');
    const twice = formOf(text, 'a.txt');
    twice.append('file', new Blob([text]), 'b.txt');
    const stray = formOf(text, 'a.txt');
    stray.append('colour', 'red');
    for (const form of [twice, stray, formOf(text, 'a.txt', 'text/plain', 'other'), new FormData()]) {
      const answer = await post(form);
      expect([answer.status, answer.error.details[0]!.code]).toEqual([400, 'one_file']);
    }
    expect((await post({ file: 'text' })).error.code).toBe('unsupported_media_type');
  });
});

describe('what is taken', () => {
  it('is served as what it is by its name, and markup as plain text', async () => {
    const office = zipOf([
      {
        name: '[Content_Types].xml',
        content: Buffer.from('<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'),
      },
      { name: 'word/document.xml', content: Buffer.from('<w/>') },
    ]);
    const zip = zipOf([{ name: 'setup.exe', content: PROGRAM }], { large: true });
    const plain = 'text/plain; charset=utf-8';
    const taken: [Uint8Array | string, string, string][] = [
      ['<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', 'drawing.svg', plain],
      ['<!doctype html><script>alert(1)</script>', 'page.HTML', plain],
      ['<?xml version="1.0"?><a/>', 'a.xml', plain],
      ['BMW and MZ are two letters', 'cars.txt', plain],
      [Buffer.from('Umsätze;1', 'latin1'), 'old.csv', 'text/csv; charset=utf-8'],
      ['', 'empty.txt', plain],
      ['{}', 'a.json', 'application/json'],
      ['%PDF-1.4\n%\xE2\xE3', 'a.pdf', 'application/pdf'],
      [office, 'letter.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
      [zip, 'tools.zip', 'application/zip'],
      [await png(), 'backup.of-mine', 'application/octet-stream'],
      ['no extension', 'LICENSE', 'application/octet-stream'],
      ['path', 'C:\\fakepath\\..\\a.txt', plain],
    ];
    for (const [content, name, mediaType] of taken) {
      const file = await attached(acme.owner, task.id, content, name);
      expect([file.name, file.mediaType]).toEqual([name.split('\\').at(-1), mediaType]);
      expectStatus(await acme.owner.delete(`/attachments/${file.id}`), 204);
    }
  });
});
