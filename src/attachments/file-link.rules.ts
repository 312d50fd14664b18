/** Whose link to which file, and until when. */
export interface FileLink {
  tenantId: string;
  attachmentId: string;
  /** Who asked for it: it shows what they may see. */
  userId: string;
  /** With what it was asked for: the link ends with it. */
  credential: { kind: 'session' | 'key'; id: string };
  /** Seconds since 1970. */
  expiresAt: number;
}

const ID_BYTES = 16;
const IDS = 4;
const BYTES = IDS * ID_BYTES + 4 + 1;
const KINDS = ['session', 'key'] as const;
/** SHA-256. */
const SEAL_BYTES = 32;

/** The part of a link that is signed. */
export function packLink({ tenantId, attachmentId, userId, credential, expiresAt }: FileLink): Buffer {
  const end = Buffer.alloc(5);
  end.writeUInt32BE(expiresAt);
  end.writeUInt8(KINDS.indexOf(credential.kind), 4);
  const ids = [tenantId, attachmentId, userId, credential.id].map((id) => Buffer.from(id.replaceAll('-', ''), 'hex'));
  return Buffer.concat([...ids, end]);
}

export function unpackLink(packed: Buffer): FileLink {
  const [tenantId, attachmentId, userId, id] = [0, 1, 2, 3].map((place) => idAt(packed, place * ID_BYTES)) as [
    string,
    string,
    string,
    string,
  ];
  const end = IDS * ID_BYTES;
  const kind = KINDS[packed.readUInt8(end + 4)] ?? 'session';
  return { tenantId, attachmentId, userId, credential: { kind, id }, expiresAt: packed.readUInt32BE(end) };
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
