/** Whose link to which file, and until when. */
export interface FileLink {
  tenantId: string;
  attachmentId: string;
  /** Who asked for it: it shows what they may see. */
  userId: string;
  /** Seconds since 1970. */
  expiresAt: number;
}

const ID_BYTES = 16;
const BYTES = 3 * ID_BYTES + 4;
/** SHA-256. */
const SEAL_BYTES = 32;

/** The part of a link that is signed. */
export function packLink({ tenantId, attachmentId, userId, expiresAt }: FileLink): Buffer {
  const end = Buffer.alloc(4);
  end.writeUInt32BE(expiresAt);
  const ids = [tenantId, attachmentId, userId].map((id) => Buffer.from(id.replaceAll('-', ''), 'hex'));
  return Buffer.concat([...ids, end]);
}

export function unpackLink(packed: Buffer): FileLink {
  const [tenantId, attachmentId, userId] = [0, 1, 2].map((place) => idAt(packed, place * ID_BYTES)) as [
    string,
    string,
    string,
  ];
  return { tenantId, attachmentId, userId, expiresAt: packed.readUInt32BE(3 * ID_BYTES) };
}

export function formatToken(packed: Buffer, seal: Buffer): string {
  return Buffer.concat([packed, seal]).toString('base64url');
}

/** Null for what was never one of ours, be it by a single letter: what is decoded has to be written as it came. */
export function parseToken(text: string): { packed: Buffer; seal: Buffer } | null {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== BYTES + SEAL_BYTES || bytes.toString('base64url') !== text) return null;
  return { packed: bytes.subarray(0, BYTES), seal: bytes.subarray(BYTES) };
}

function idAt(packed: Buffer, at: number): string {
  const hex = packed.toString('hex', at, at + ID_BYTES);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
