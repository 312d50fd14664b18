import { Injectable } from '@nestjs/common';
import { kept } from '../platform/cache/kept.ts';
import { PictureRefused, PicturesBusy } from './avatars.errors.ts';

/** What people's devices make. Nothing that can hold a script or refer to something else (SVG), and no animation. */
const TYPES = new Set(['image/png', 'image/jpeg', 'image/webp']);
const SIDE = 256;
/** What is read is measured by its pixels: a file of some kilobytes can claim as many as would fill the memory. */
const MOST_PIXELS = 50_000_000;
/** A picture of that size that has to be turned is kept whole: 200 MB. */
const AT_ONCE = 2;
const MOST_WAITING = 20;

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
    await this.#enter();
    try {
      return await draw(original);
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
  const sharp = await loadSharp();
  const picture = sharp(original, { limitInputPixels: MOST_PIXELS });
  const { width, height } = await picture.metadata().catch(refuse);
  if (width * height > MOST_PIXELS) refuseSize();
  return picture
    .autoOrient()
    .resize(SIDE, SIDE, { fit: 'cover' })
    .webp({ quality: 82 })
    .timeout({ seconds: 15 })
    .toBuffer()
    .catch(refuse);
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
