import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';

/**
 * Secrets at rest: AES-256-GCM under ENCRYPTION_KEY. `context` says where a secret belongs (table, column, row); one that
 * was copied to another place does not open there. The text names its key, so that keys can be changed.
 */
export class SecretBox {
  readonly #key: Buffer;
  readonly #keyId: string;

  constructor(keyBase64: string) {
    this.#key = Buffer.from(keyBase64, 'base64');
    this.#keyId = keyIdOf(keyBase64);
  }

  seal(plain: string, context: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce).setAAD(Buffer.from(context));
    const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return [
      'v1',
      this.#keyId,
      nonce.toString('base64url'),
      sealed.toString('base64url'),
      cipher.getAuthTag().toString('base64url'),
    ].join('.');
  }

  /** @throws Error when the text was made with another key, for another place, or was changed */
  open(text: string, context: string): string {
    const [version, keyId, nonce, sealed, tag] = text.split('.');
    if (version !== 'v1' || !nonce || !sealed || !tag) throw new Error(`the secret of ${context} is not one of ours`);
    if (keyId !== this.#keyId)
      throw new Error(`the secret of ${context} was sealed with another ENCRYPTION_KEY (${keyId})`);
    const decipher = createDecipheriv(ALGORITHM, this.#key, Buffer.from(nonce, 'base64url'));
    decipher.setAAD(Buffer.from(context)).setAuthTag(Buffer.from(tag, 'base64url'));
    return Buffer.concat([decipher.update(Buffer.from(sealed, 'base64url')), decipher.final()]).toString('utf8');
  }

  /** A value that only this installation can derive from the text. */
  derive(purpose: string, text: string): Buffer {
    return createHmac('sha256', this.#key).update(`${purpose}\0${text}`).digest();
  }
}

/** Names a key without telling it. */
export function keyIdOf(keyBase64: string): string {
  return createHash('sha256').update(Buffer.from(keyBase64, 'base64')).digest('hex').slice(0, 8);
}

/** The id of the key that a text was sealed with. */
export function sealedWith(text: string): string {
  return text.split('.')[1] ?? '';
}
