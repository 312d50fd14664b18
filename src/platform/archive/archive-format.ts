import { ArchiveRefused, changed } from './archive-refused.ts';
import type { SequenceState, TableShape } from './schema-shape.ts';

/** docs/archive-format.md describes what stands here. Like a PNG's, the first bytes do not survive a transfer as text. */
const MAGIC = Buffer.from('\x89PFT\r\n\x1a\n', 'latin1');
export const FORMAT = 1;
/** Magic, and the format as two bytes, big endian. */
export const PREAMBLE_BYTES = MAGIC.length + 2;

export const PRODUCT = 'ProjectFlow';

/** A reader holds one frame in memory, whatever an archive claims. The head is one frame. */
export const LARGEST_FRAME = 1_048_576;
/** The manifest may take several. */
export const LARGEST_MANIFEST = 64 * LARGEST_FRAME;

export const FRAMES = {
  head: 'H',
  table: 'T',
  file: 'F',
  data: 'D',
  end: 'E',
  manifest: 'M',
} as const;

export type Fact = string | number | boolean | null;

/** What an archive says before its rows. */
export interface ArchiveHead {
  product: typeof PRODUCT;
  format: number;
  /** ISO 8601, UTC. */
  createdAt: string;
  /** About the tenant, for people and for whoever registers it again: name, slug, plan. */
  facts: Record<string, Fact>;
  /** Of the newest migration that the schema had. */
  schemaVersion: number;
  /** Of the PostgreSQL that the rows come from. */
  serverVersion: string;
  /** In the order in which their rows follow. Columns are in the order of the values of a row. */
  tables: ArchivedTable[];
  sequences: SequenceState[];
  leftOut: LeftOut;
}

export interface ArchivedTable extends TableShape {
  rows: number;
}

/** Tables whose rows are not in the archive, or not those that meet a condition in SQL; and columns that are NULL in every row of it. */
export interface LeftOut {
  tables: string[];
  rows: Record<string, string>;
  columns: Record<string, string[]>;
}

/** Lower-case hex. */
type Sha256 = string;

/** What an archive says behind everything else: what there must have been. */
export interface ArchiveManifest {
  /** Of the head, as its bytes are. */
  head: Sha256;
  tables: { name: string; rows: number; bytes: number; sha256: Sha256 }[];
  files: { path: string; bytes: number; sha256: Sha256 }[];
}

export function preamble(): Buffer {
  const version = Buffer.alloc(2);
  version.writeUInt16BE(FORMAT);
  return Buffer.concat([MAGIC, version]);
}

/** @throws ArchiveRefused */
export function checkPreamble(bytes: Buffer): void {
  if (bytes.length < PREAMBLE_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC))
    throw new ArchiveRefused('foreign', `This is not an archive of ${PRODUCT}: it begins with other bytes.`);
  const format = bytes.readUInt16BE(MAGIC.length);
  if (format > FORMAT) {
    throw new ArchiveRefused(
      'newer',
      `The archive has format ${format}, and this version of ${PRODUCT} reads formats up to ${FORMAT}. Use the version that wrote it, or a newer one.`,
    );
  }
}

/** Whoever wrote the archive may mean harm: nothing is taken from it that does not have its type. */
export function parseHead(text: string): ArchiveHead {
  const { product, format, createdAt, facts, schemaVersion, serverVersion, tables, sequences, leftOut } = object(text);
  if (product !== PRODUCT || format !== FORMAT) throw changed('its head is not that of an archive');
  return {
    product,
    format,
    createdAt: string(createdAt),
    facts: entries(facts, fact),
    schemaVersion: count(schemaVersion),
    serverVersion: string(serverVersion),
    tables: unique(list(tables, (each) => ({ name: string(each['name']), ...shape(each) }))),
    sequences: unique(list(sequences, sequence)),
    leftOut: {
      tables: strings(record(leftOut)['tables']),
      rows: entries(record(leftOut)['rows'], string),
      columns: entries(record(leftOut)['columns'], strings),
    },
  };
}

export function parseManifest(text: string): ArchiveManifest {
  const { head, tables, files } = object(text);
  return {
    head: string(head),
    tables: list(tables, (each) => ({ name: string(each['name']), rows: count(each['rows']), ...sums(each) })),
    files: list(files, (each) => ({ path: string(each['path']), ...sums(each) })),
  };
}

const MOST_PATH_BYTES = 1_024;
const UNSAFE_IN_PATH = /[\\:\0-\x1f\x7f]/;

/** Relative, and inside whatever folder it is put in on any system: no `..`, no drive, no empty part. */
export function isSafePath(path: string): boolean {
  if (path === '' || Buffer.byteLength(path) > MOST_PATH_BYTES || UNSAFE_IN_PATH.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

function shape(each: Record<string, unknown>): { columns: string[]; rows: number } {
  return { columns: strings(each['columns']), rows: count(each['rows']) };
}

function sums(each: Record<string, unknown>): { bytes: number; sha256: string } {
  return { bytes: count(each['bytes']), sha256: string(each['sha256']) };
}

function sequence(each: Record<string, unknown>): SequenceState {
  const value = string(each['value']);
  if (!/^-?\d{1,19}$/.test(value) || typeof each['called'] !== 'boolean') throw WRONG_TYPE();
  return { name: string(each['name']), value, called: each['called'] };
}

function unique<T extends { name: string }>(items: T[]): T[] {
  if (new Set(items.map(({ name }) => name)).size < items.length) throw changed('it names something twice');
  return items;
}

const WRONG_TYPE = () => changed('its head or its manifest is not what this format has there');

function object(text: string): Record<string, unknown> {
  try {
    return record(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw changed('its head or its manifest is no JSON', error);
    throw error;
  }
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw WRONG_TYPE();
  return value as Record<string, unknown>;
}

function entries<T>(value: unknown, read: (each: unknown) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record(value)).map(([key, each]) => [key, read(each)]));
}

function list<T>(value: unknown, read: (each: Record<string, unknown>) => T): T[] {
  if (!Array.isArray(value)) throw WRONG_TYPE();
  return value.map((each: unknown) => read(record(each)));
}

function strings(value: unknown): string[] {
  if (!Array.isArray(value)) throw WRONG_TYPE();
  return value.map(string);
}

function string(value: unknown): string {
  if (typeof value !== 'string') throw WRONG_TYPE();
  return value;
}

function fact(value: unknown): Fact {
  if (value !== null && !['string', 'number', 'boolean'].includes(typeof value)) throw WRONG_TYPE();
  return value as Fact;
}

function count(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw WRONG_TYPE();
  return value as number;
}
