import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';

/**
 * Secrets at rest: AES-256-GCM under ENCRYPTION_KEY. `context` says where a secret belongs (table, column, row); one that
 * was copied to another place does not open there. The text names its key, so that keys can be changed: while they are,
 * what the other one sealed opens too.
 */
export class SecretBox {
  /** Of the key that seals now. */
  readonly keyId: string;
  readonly #keys: ReadonlyMap<string, Buffer>;

  /** @param otherKey OLD_ENCRYPTION_KEY */
  constructor(keyBase64: string, otherKey?: string) {
    this.keyId = keyIdOf(keyBase64);
    const keys = otherKey === undefined ? [keyBase64] : [keyBase64, otherKey];
    this.#keys = new Map(keys.map((key) => [keyIdOf(key), Buffer.from(key, 'base64')]));
  }

  seal(plain: string, context: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce).setAAD(Buffer.from(context));
    const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return [
      'v1',
      this.keyId,
      nonce.toString('base64url'),
      sealed.toString('base64url'),
      cipher.getAuthTag().toString('base64url'),
    ].join('.');
  }

  /** @throws Error when the text was made with an unknown key, for another place, or was changed */
  open(text: string, context: string): string {
    const [version, keyId, nonce, sealed, tag] = text.split('.');
    if (version !== 'v1' || !keyId || !nonce || !sealed || !tag)
      throw new Error(`the secret of ${context} is not one of ours`);
    const key = this.#keys.get(keyId);
    if (!key) throw new Error(`the secret of ${context} was sealed with another ENCRYPTION_KEY (${keyId})`);
    const decipher = createDecipheriv(ALGORITHM, key, Buffer.from(nonce, 'base64url'));
    decipher.setAAD(Buffer.from(context)).setAuthTag(Buffer.from(tag, 'base64url'));
    return Buffer.concat([decipher.update(Buffer.from(sealed, 'base64url')), decipher.final()]).toString('utf8');
  }

  /** A value that only this installation can derive from the text. */
  derive(purpose: string, text: string): Buffer {
    return derived(this.#key, purpose, text);
  }

  /** Every value that an instance of this installation may have derived: more than one only while keys are changed. */
  deriveAll(purpose: string, text: string): Buffer[] {
    return [...this.#keys.values()].map((key) => derived(key, purpose, text));
  }

  get #key(): Buffer {
    return this.#keys.get(this.keyId)!;
  }
}

function derived(key: Buffer, purpose: string, text: string): Buffer {
  return createHmac('sha256', key).update(`${purpose}\0${text}`).digest();
}

/** Names a key without telling it. */
export function keyIdOf(keyBase64: string): string {
  return createHash('sha256').update(Buffer.from(keyBase64, 'base64')).digest('hex').slice(0, 8);
}

/** The id of the key that a text was sealed with. */
export function sealedWith(text: string): string {
  return text.split('.')[1] ?? '';
}
