/** What an attacker can do to a token without the private key, at random but the same for every run. */

const SEED = 20_260_721;

/** A small generator of numbers from 0 to 1 (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Random = () => number;
type Mutation = (parts: [string, string, string], random: Random, others: string[]) => string;

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;

function flipBit(part: string, random: Random): string {
  const bytes = Buffer.from(part, 'base64url');
  const at = Math.floor(random() * bytes.length);
  bytes[at] = bytes[at]! ^ (1 << Math.floor(random() * 8));
  return bytes.toString('base64url');
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const STRANGE = [
  '\u0000',
  '\u00e9',
  '\u202e',
  '\ud83d\udd11',
  '\uff0e',
  '\u2024',
  ' ',
  '\t',
  '=',
  '+',
  '/',
  '%2e',
  '.',
  '\n',
];
const ALGORITHMS = [
  'none',
  'None',
  'NONE',
  'HS256',
  'HS384',
  'HS512',
  'RS384',
  'RS512',
  'PS256',
  'ES256',
  'EdDSA',
  '',
  null,
  0,
];
const HEADERS: ((random: Random) => Record<string, unknown>)[] = [
  (random) => ({ alg: pick(random, ALGORITHMS) }),
  (random) => ({ kid: pick(random, ['', '../../etc/passwd', "' OR 1=1 --", 'next', null, 0, [], {}, '__proto__']) }),
  () => ({ kid: undefined }),
  (random) => ({ typ: pick(random, ['JWT', 'jwt', 'application/at+jwt', 'AT+JWT', '', null]) }),
  () => ({ jku: 'https://evil.test/jwks.json' }),
  () => ({ x5u: 'https://evil.test/cert.pem' }),
  () => ({ x5c: ['MIIB'] }),
  () => ({ jwk: { kty: 'oct', k: 'AAAA' } }),
  (random) => ({ crit: pick(random, [['exp'], [], ['b64'], 'b64', null]) }),
  () => ({ b64: false, crit: ['b64'] }),
  (random) => ({ [`x-${random()}`]: 1 }),
];
const CLAIMS: ((random: Random) => Record<string, unknown>)[] = [
  (random) => ({ exp: 2_000_000_000 + Math.floor(random() * 1e9) }),
  () => ({ exp: undefined }),
  (random) => ({ nbf: Math.floor(random() * 1e9) }),
  (random) => ({ role: pick(random, ['owner', 'admin', 'superuser']), permissions: ['*', String(random())] }),
  (random) => ({
    tenant: `01a1fd63-67b4-7171-b0f8-${Math.floor(random() * 1e12)
      .toString()
      .padStart(12, '0')}`,
  }),
  (random) => ({
    sub: `01a1fd63-67b4-7171-b0f8-${Math.floor(random() * 1e12)
      .toString()
      .padStart(12, '0')}`,
  }),
  (random) => ({ aud: pick(random, ['projectflow-platform', ['projectflow-api'], null]) }),
  (random) => ({ iss: pick(random, ['https://evil.test', null, '']) }),
  (random) => ({ jti: String(random()) }),
];

const MUTATIONS: Mutation[] = [
  ([header, payload, signature], random) => `${flipBit(header, random)}.${payload}.${signature}`,
  ([header, payload, signature], random) => `${header}.${flipBit(payload, random)}.${signature}`,
  ([header, payload, signature], random) => `${header}.${payload}.${flipBit(signature, random)}`,
  (parts, random) => {
    const text = parts.join('.');
    const at = Math.floor(random() * text.length);
    return text.slice(0, at) + pick(random, [...ALPHABET]) + text.slice(at + 1);
  },
  ([header, payload, signature], random) =>
    `${encode({ ...decode(header), ...pick(random, HEADERS)(random) })}.${payload}.${signature}`,
  ([header, payload], random) =>
    `${encode({ ...decode(header), ...pick(random, HEADERS)(random) })}.${payload}.${pick(random, ['', 'AA', 'e30'])}`,
  ([header, payload, signature], random) =>
    `${header}.${encode({ ...decode(payload), ...pick(random, CLAIMS)(random) })}.${signature}`,
  (parts, random) => parts.join('.').slice(0, Math.floor(random() * (parts.join('.').length - 1))),
  (parts, random) => {
    const text = parts.join('.');
    const at = Math.floor(random() * (text.length + 1));
    return text.slice(0, at) + pick(random, STRANGE) + text.slice(at);
  },
  ([header, payload], random, others) => `${header}.${payload}.${pick(random, others).split('.')[2]}`,
  ([header, , signature], random, others) => `${header}.${pick(random, others).split('.')[1]}.${signature}`,
  (parts, random) => [...parts, ...parts].slice(0, pick(random, [1, 2, 4, 5, 6])).join('.'),
  ([header, payload, signature], random) =>
    pick(random, [
      [payload, header, signature],
      [signature, payload, header],
    ]).join('.'),
];

/** @param others tokens that are good themselves, to take parts of @returns texts of which none is one of the tokens */
export function mutants(token: string, others: string[], count: number): string[] {
  const random = randomFrom(SEED);
  const parts = token.split('.') as [string, string, string];
  const made = new Set<string>();
  for (let turn = 0; made.size < count; turn += 1) {
    const text = MUTATIONS[turn % MUTATIONS.length]!(parts, random, others);
    if (text !== token && !others.includes(text)) made.add(text);
  }
  return [...made];
}
