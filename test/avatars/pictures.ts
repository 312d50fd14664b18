import sharp, { type Sharp } from 'sharp';
import { crc32, deflateSync } from 'node:zlib';
import type { Client } from '../support/client.ts';

export function drawing(width: number, height: number): Sharp {
  return sharp({ create: { width, height, channels: 3, background: '#3366cc' } });
}

/** Red to the left and blue to the right as it is stored, to be turned by a quarter when it is shown; with an address in its EXIF. */
export async function tallJpeg(): Promise<Buffer> {
  const half = { create: { width: 100, height: 200, channels: 3 as const, background: '#ff0000' } };
  return sharp({ create: { width: 200, height: 200, channels: 3, background: '#0000ff' } })
    .composite([{ input: half, left: 0, top: 0 }])
    .withExif({ IFD0: { ImageDescription: 'Secret Street 1' } })
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 95 })
    .toBuffer();
}

/** With a text in the comment of a PNG. */
export function pngWith(png: Buffer, text: string): Buffer {
  const afterHead = 8 + 25;
  return Buffer.concat([png.subarray(0, afterHead), chunk('tEXt', Buffer.from(text)), png.subarray(afterHead)]);
}

/** Some bytes that claim to be a picture of that size, and whose rows really are nothing but zeros. */
export function bombOf(width: number, height: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc(10_000_000), { level: 9 });
  const magic = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([magic, chunk('IHDR', head), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** @param path below /api/v1, or as avatarUrl has it */
export async function downloadOf(
  client: Client,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ headers: Headers; content: Buffer }> {
  const url = client.url + (path.startsWith('/api/') ? '' : '/api/v1') + path;
  const answer = await fetch(url, { headers: { ...client.headers, ...headers } });
  if (answer.status !== 200) throw new Error(`expected the picture, got ${answer.status}: ${await answer.text()}`);
  return { headers: answer.headers, content: Buffer.from(await answer.arrayBuffer()) };
}
