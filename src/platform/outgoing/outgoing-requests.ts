import { lookup } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { isPublicAddress } from './public-addresses.ts';

const PATIENCE_MS = 10_000;
const MOST_BYTES = 64 * 1024;
const WITHOUT_BODY = new Set([204, 205, 304]);

/** We do not speak to such an address, or do not take such an answer. The message never holds what was answered. */
export class OutgoingRefused extends Error {
  override readonly name = 'OutgoingRefused';
}

export interface OutgoingRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | URLSearchParams | Uint8Array | null;
  signal?: AbortSignal;
}

interface Address {
  address: string;
  family: number;
}

export type Lookup = (name: string) => Promise<Address[]>;

/**
 * Requests to addresses that somebody else chose: over https, to hosts on the internet alone. A name is resolved once and
 * the connection goes to that address, so that it cannot be another one by then; redirects are not followed.
 */
export class OutgoingRequests {
  readonly #allowed: ReadonlySet<string>;

  /** @param allowHosts names and addresses for which none of this is asked, such as those of a test */
  constructor(
    allowHosts: readonly string[],
    private readonly resolve: Lookup = (name) => lookup(name, { all: true }),
  ) {
    this.#allowed = new Set(allowHosts.map((host) => host.toLowerCase()));
  }

  /** Whether requests to this address may go without encryption. */
  isAllowed(url: URL): boolean {
    return this.#allowed.has(hostOf(url));
  }

  /** What can be told before the name is resolved. @throws OutgoingRefused */
  demand(url: URL): void {
    if (url.username !== '' || url.password !== '') throw new OutgoingRefused('An address cannot hold a login.');
    if (this.isAllowed(url) && (url.protocol === 'https:' || url.protocol === 'http:')) return;
    if (url.protocol !== 'https:') throw new OutgoingRefused('An address must begin with https://.');
    const host = hostOf(url);
    if (isIP(host) && !isPublicAddress(host)) throw new OutgoingRefused('The address is not one on the internet.');
  }

  /**
   * Like fetch, with an answer of 64 KiB at most within 10 s.
   *
   * @throws OutgoingRefused, or what the network says
   */
  async fetch(
    address: string | URL,
    { method = 'GET', headers = {}, body, signal }: OutgoingRequest = {},
  ): Promise<Response> {
    const url = new URL(address);
    this.demand(url);
    const end = AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), ...(signal ? [signal] : [])]);
    const place = await unlessAborted(this.#resolve(url), end);
    const content = body == null ? null : Buffer.from(body instanceof Uint8Array ? body : body.toString());
    const sent = { ...headers, ...(content ? { 'content-length': String(content.length) } : {}) };
    return send(url, { method, headers: sent, content, place, signal: end });
  }

  async #resolve(url: URL): Promise<Address> {
    const host = hostOf(url);
    const found = isIP(host) ? [{ address: host, family: isIP(host) }] : await this.resolve(host);
    const [first] = found;
    // All of them: a name that also leads inside is nobody's honest name.
    if (!first || (!this.isAllowed(url) && !found.every(({ address }) => isPublicAddress(address))))
      throw new OutgoingRefused('The address is not one on the internet.');
    return first;
  }
}

interface Prepared {
  method: string;
  headers: Record<string, string>;
  content: Buffer | null;
  place: Address;
  signal: AbortSignal;
}

function send(url: URL, { method, headers, content, place, signal }: Prepared): Promise<Response> {
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      {
        method,
        headers,
        signal,
        // A connection that was kept could be to where the name led before.
        agent: false,
        lookup: (_name, options, done) => (options.all ? done(null, [place]) : done(null, place.address, place.family)),
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          bytes += chunk.length;
          if (bytes > MOST_BYTES) answer.destroy(new OutgoingRefused(`The answer has more than ${MOST_BYTES} bytes.`));
        });
        answer.on('error', reject);
        answer.on('end', () => resolve(responseOf(answer, Buffer.concat(chunks))));
      },
    );
    call.on('error', reject);
    call.end(content ?? undefined);
  });
}

function responseOf({ statusCode = 502, headers }: http.IncomingMessage, body: Buffer): Response {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value ?? '']).map((each): [string, string] => [name, each]),
  );
  return new Response(WITHOUT_BODY.has(statusCode) ? null : new Uint8Array(body), {
    status: statusCode,
    headers: lines,
  });
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      if (signal.aborted) reject(signal.reason as Error);
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    }),
  ]);
}

/** Without the brackets of an IPv6 address, and without the dot that makes another name of the same one. */
function hostOf({ hostname }: URL): string {
  return hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
}
