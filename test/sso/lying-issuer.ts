import { SignJWT, UnsecuredJWT, exportJWK, generateKeyPair, type JWTPayload } from 'jose';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

/** An issuer of which every word can be wrong. */
export interface LyingIssuer {
  issuer: string;
  /** What the discovery document says differently. */
  metadata: Record<string, unknown>;
  /** The ID token for the nonce that the browser came with; an honest one unless a test says otherwise. */
  token: (claims: JWTPayload) => Promise<string>;
  /** What the honest claims are. */
  claims: JWTPayload;
  /** What else the token endpoint answers, instead of tokens. */
  answer: { status: number; body: string } | null;
  /** What userinfo answers; null where there is none. */
  userinfo: object | null;
  /** How often it was asked what it is, and whether it fails to say so. */
  discoveries: number;
  isAway: boolean;
  /** Bodies that came to the token endpoint. */
  asked: URLSearchParams[];
  honest: LyingIssuer['token'];
  key: KeyPair;
  stranger: KeyPair;
  reset(): void;
  stop(): void;
}

export const LIAR_CLIENT = 'our-client';

export async function startLyingIssuer(): Promise<LyingIssuer> {
  const [key, stranger] = [await generateKeyPair('RS256'), await generateKeyPair('RS256')];
  const jwks = { keys: [{ ...(await exportJWK(key.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }] };
  const server = createServer((request, response) => {
    const send = (status: number, body: string) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    if (request.url === '/.well-known/openid-configuration') {
      liar.discoveries += 1;
      send(liar.isAway ? 503 : 200, liar.isAway ? '{}' : JSON.stringify(documentOf(liar)));
    } else if (request.url === '/userinfo' && liar.userinfo) send(200, JSON.stringify(liar.userinfo));
    else if (request.url === '/jwks') send(200, JSON.stringify(jwks));
    else if (request.url === '/token')
      void tokens(liar, request).then((body) => send(liar.answer?.status ?? 200, body));
    else send(404, '{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const honest = (claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(key.privateKey);
  const liar: LyingIssuer = {
    ...{ issuer, metadata: {}, token: honest, claims: {}, answer: null, asked: [], honest, key, stranger },
    ...{ userinfo: null, discoveries: 0, isAway: false },
    reset: () =>
      Object.assign(liar, {
        ...{ metadata: {}, token: honest, claims: {}, answer: null, asked: [] },
        ...{ userinfo: null, discoveries: 0, isAway: false },
      }),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return liar;
}

function documentOf({ issuer, metadata }: LyingIssuer): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    ...metadata,
  };
}

/** The nonce is told in the code, as nobody but the browser has carried it. */
async function tokens(liar: LyingIssuer, request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const asked = new URLSearchParams(body);
  liar.asked.push(asked);
  if (liar.answer) return liar.answer.body;
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: liar.issuer,
    aud: LIAR_CLIENT,
    sub: 'liar',
    iat: now,
    exp: now + 60,
    nonce: asked.get('code')!,
    email_verified: true,
    ...liar.claims,
  };
  return JSON.stringify({ access_token: 'at', token_type: 'Bearer', id_token: await liar.token(claims) });
}

/** `alg: none`, which says that nobody has signed it. */
export function unsecured(claims: JWTPayload): Promise<string> {
  return Promise.resolve(new UnsecuredJWT(claims).encode());
}
