import http from 'node:http';

/** A request down to the wire: headers may repeat, and the host may be anybody's. */
export interface Request {
  method: string;
  /** As the route has it: `/api/v1/projects/:id` */
  path: string;
  params: Record<string, string>;
  query: [name: string, value: string][];
  headers: [name: string, value: string][];
  /** Host header, and what stands before the path in absolute form; the server's own when not given. */
  host?: string;
  absolute?: string;
  body?: unknown;
  /** A file, in place of a body. */
  file?: Buffer;
}

export interface RawAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
  /** Null when there is none, or it is not JSON. */
  json: any;
}

const agent = new http.Agent({ keepAlive: true });

export function send(server: string, request: Request): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(server);
  const body = request.file
    ? formAround(request.file)
    : request.body === undefined
      ? null
      : Buffer.from(JSON.stringify(request.body));
  const headers = [['host', request.host ?? host], ...request.headers];
  // As every client does it; without a length an empty body would travel in chunks, of which one has to know the type.
  if (!body && request.method !== 'GET' && request.method !== 'HEAD') headers.push(['content-length', '0']);
  const type = request.file ? `multipart/form-data; boundary=${BOUNDARY}` : 'application/json';
  if (body) headers.push(['content-type', type], ['content-length', String(body.length)]);
  return new Promise((resolve, reject) => {
    const path = (request.absolute ?? '') + targetOf(request);
    const call = http.request(
      { hostname, port, agent, path, method: request.method, headers: headers.flat() },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const json: unknown = /^[[{]/.test(text) ? JSON.parse(text) : null;
          resolve({ status: answer.statusCode!, headers: answer.headers, text, json });
        });
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

const BOUNDARY = 'around-the-file';

function formAround(file: Buffer): Buffer {
  const head = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="file"\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), file, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
}

function targetOf({ path, params, query }: Request): string {
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name]!));
  return query.length === 0 ? filled : `${filled}?${new URLSearchParams(query).toString()}`;
}

const VOLATILE_HEADERS = ['date', 'x-request-id', 'content-length'];

/**
 * What two answers must have in common to be the same answer: everything but request id, the values that were sent, and
 * what is new in every record (ids, times, tokens). Whose the ids are is not its business: see `leaks`.
 */
export function shapeOf(answer: RawAnswer, sent: string[], volatile: string[] = []): Record<string, string> {
  const headers = { ...answer.headers };
  for (const name of VOLATILE_HEADERS) delete headers[name];
  if (volatile.includes('version')) delete headers['etag'];
  const dropped = new Set(['requestId', ...volatile]);
  const body =
    JSON.stringify(answer.json, (key, value: unknown) => (dropped.has(key) ? undefined : value)) ?? answer.text;
  const plain = (text: string) =>
    withoutEcho(text, sent)
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<id>')
      .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, '<time>')
      // Of the figures beside the version, in which ids may stand.
      .replaceAll(/^"(\d+)\.[\w-]+"$/g, '"$1.<figures>"')
      // It is made from the id of the task.
      .replaceAll(/"position":"v[0-9A-Za-z]{22,}"/g, '"position":"<place>"')
      .replaceAll(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, '<access token>')
      .replaceAll(/pfr_[\w-]+/g, '<refresh token>')
      .replaceAll(/pf[sct]_[\w-]+/g, '<ticket>')
      .replaceAll(/"challenge":"[\w-]+"/g, '"challenge":"<challenge>"')
      .replaceAll(/pf_sign_in_\w+=[\w-]*/g, '<cookie>')
      .replaceAll(/(?<=code_challenge=)[\w-]+/g, '<challenge>')
      .replaceAll(/pfk_[\w-]+/g, '<api key>')
      .replaceAll(/"ending":"[\w-]{4}"/g, '"ending":"<ending>"')
      .replaceAll(/(?<=domain-verification=)[\w-]+/g, '<token>')
      .replaceAll(/"(next|prev)Cursor":"[\w-]+"/g, '"$1Cursor":"<cursor>"')
      .replaceAll(/\b[0-9a-f]{12}\b/g, '<nonce>');
  return {
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, plain(String(value))])),
    status: String(answer.status),
    body: plain(body),
  };
}

/** In which parts the answer to the other tenant's value is not the one to a value that nobody has. */
export function differences(foreign: Record<string, string>, unknown: Record<string, string>): string[] {
  const parts = Object.keys({ ...foreign, ...unknown }).filter((part) => foreign[part] !== unknown[part]);
  return parts.map((part) => `${part} is ${foreign[part]}, and for a value that nobody has ${unknown[part]}`);
}

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const ENCODED = /[A-Za-z0-9_-]{16,}/g;

/** What of the other tenant stands in the answer, also inside cursors and tokens; not what the request itself had sent. */
export function leaks(answer: RawAnswer, sent: string[], theirs: { secrets: string[]; ids: Set<string> }): string[] {
  const plain = withoutEcho(`${JSON.stringify(answer.headers)} ${answer.text}`, sent);
  const decoded = (plain.match(ENCODED) ?? []).map((part) => Buffer.from(part, 'base64url').toString());
  const text = [plain, ...decoded.map((part) => withoutEcho(part, sent))].join(' ').toLowerCase();
  const ids = (text.match(ID) ?? []).filter((id) => theirs.ids.has(id));
  return [...theirs.secrets.filter((secret) => text.includes(secret.toLowerCase())), ...new Set(ids)];
}

function withoutEcho(text: string, sent: string[]): string {
  return sent.filter(Boolean).reduce((rest, value) => rest.replaceAll(value, '<sent>'), text);
}
