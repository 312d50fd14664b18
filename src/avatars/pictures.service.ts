import { Injectable } from '@nestjs/common';
import type { Sharp } from 'sharp';
import { kept } from '../platform/cache/kept.ts';
import { PictureRefused, PicturesBusy } from './avatars.errors.ts';

/** What people's devices make. Nothing that can hold a script or refer to something else (SVG), and no animation. */
const TYPES = new Set(['image/png', 'image/jpeg', 'image/webp']);
const SIDE = 256;
const PREVIEW_SIDE = 320;
/** What is read is measured by its pixels: a file of some kilobytes can claim as many as would fill the memory. */
const MOST_PIXELS = 50_000_000;
/** A picture of that size that has to be turned is kept whole: 200 MB. */
const AT_ONCE = 2;
const MOST_WAITING = 20;

/** A small copy of a picture, and what the picture measures when it stands upright. */
export interface Preview {
  content: Buffer;
  width: number;
  height: number;
}

/** Makes small pictures of whatever people send. Nothing of the original but its pixels is left. */
@Injectable()
export class Pictures {
  #active = 0;
  readonly #waiting: (() => void)[] = [];

  /** A square WebP, upright, without any metadata. @throws PictureRefused, PicturesBusy */
  async toSquare(original: Buffer): Promise<Buffer> {
    const { fileTypeFromBuffer } = await import('file-type');
    const type = await fileTypeFromBuffer(original);
    if (!type || !TYPES.has(type.mime))
      throw new PictureRefused('picture_type', 'The picture must be a PNG, JPEG or WebP.');
    return this.#inTurn(() => draw(original));
  }

  /**
   * A WebP of at most 320 pixels wide and high, without any metadata. Null for what is no PNG, JPEG or WebP, or damaged.
   *
   * @param path of the file @throws PictureRefused for too many pixels, PicturesBusy
   */
  async toPreview(path: string, mediaType: string): Promise<Preview | null> {
    if (!TYPES.has(mediaType)) return null;
    return this.#inTurn(() => drawSmall(path)).catch((error: unknown) => {
      if (error instanceof PictureRefused && error.details[0]?.code === 'picture_damaged') return null;
      throw error;
    });
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#active < AT_ONCE) {
      this.#active += 1;
      return;
    }
    if (this.#waiting.length >= MOST_WAITING) throw new PicturesBusy();
    await new Promise<void>((admitted) => this.#waiting.push(admitted));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#active -= 1;
  }
}

async function draw(original: Buffer): Promise<Buffer> {
  const { picture } = await openPicture(original);
  return written(picture.autoOrient().resize(SIDE, SIDE, { fit: 'cover' }));
}

async function drawSmall(path: string): Promise<Preview> {
  const { picture, upright } = await openPicture(path);
  const fitting = { fit: 'inside', withoutEnlargement: true } as const;
  const content = await written(picture.autoOrient().resize(PREVIEW_SIDE, PREVIEW_SIDE, fitting));
  return { content, ...upright };
}

async function openPicture(input: Buffer | string) {
  const sharp = await loadSharp();
  const picture = sharp(input, { limitInputPixels: MOST_PIXELS });
  const { width, height, autoOrient } = await picture.metadata().catch(refuse);
  if (width * height > MOST_PIXELS) refuseSize();
  return { picture, upright: { width: autoOrient.width, height: autoOrient.height } };
}

function written(picture: Sharp): Promise<Buffer> {
  return picture.webp({ quality: 82 }).timeout({ seconds: 15 }).toBuffer().catch(refuse);
}

/** At the first use; and from then on it reads nothing but what people may send, whatever a file pretends to be. */
const loadSharp = kept(async () => {
  const { default: sharp } = await import('sharp');
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp'] });
  sharp.cache(false);
  sharp.concurrency(1);
  return sharp;
});

function refuse(error: unknown): never {
  if (error instanceof Error && /pixel limit/i.test(error.message)) refuseSize();
  throw new PictureRefused('picture_damaged', 'The picture cannot be read: it is cut off or damaged.');
}

function refuseSize(): never {
  throw new PictureRefused('picture_pixels', `The picture has more than ${MOST_PIXELS / 1_000_000} million pixels.`);
}
