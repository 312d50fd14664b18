import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface GitHub {
  url: string;
  user: unknown;
  emails: unknown;
  /** What came to it: method and path, with authorization, and the body. */
  heard: { call: string; authorization: string | undefined; body: URLSearchParams }[];
  stop(): void;
}

/** Speaks as GitHub does: plain OAuth 2 without an ID token, and an API that says who it was. */
export async function startGitHub(): Promise<GitHub> {
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { pathname, searchParams } = new URL(request.url!, github.url);
      const { authorization } = request.headers;
      github.heard.push({ call: `${request.method} ${pathname}`, authorization, body });
      const send = (status: number, content: unknown) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
      if (pathname === '/login/oauth/authorize') {
        const back = new URL(searchParams.get('redirect_uri')!);
        back.search = new URLSearchParams({ code: 'a-code', state: searchParams.get('state')! }).toString();
        return response.writeHead(302, { location: back.href }).end();
      }
      // As it does it: with 200, whatever is wrong.
      if (pathname === '/login/oauth/access_token')
        return send(
          200,
          body.get('client_secret') === 'right'
            ? { access_token: 'gho_1', token_type: 'bearer', scope: 'read:user,user:email' }
            : { error: 'incorrect_client_credentials', error_description: 'quoted' },
        );
      if (authorization !== 'Bearer gho_1') return send(401, { message: 'quoted' });
      return send(200, pathname === '/api/v3/user' ? github.user : github.emails);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  const github: GitHub = { url, user: {}, emails: [], heard: [], stop };
  return github;
}

async function bodyOf(request: IncomingMessage): Promise<URLSearchParams> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return new URLSearchParams(body);
}
