import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OutgoingRefused, OutgoingRequests } from './outgoing-requests.ts';

const LOOPBACK = { address: '127.0.0.1', family: 4 };
const PUBLIC = { address: '1.1.1.1', family: 4 };

let server: Server;
let port: number;
beforeAll(async () => {
  server = createServer((request, response) => {
    const { url, method, headers } = request;
    if (url === '/away') return response.writeHead(302, { location: 'http://127.0.0.1/secret' }).end();
    if (url === '/large') return response.end(Buffer.alloc(65 * 1024));
    if (url === '/none') return response.writeHead(204).end();
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => response.end(JSON.stringify({ method, host: headers.host, body })));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.close();
});

describe('an outgoing request', () => {
  it.each([
    'http://example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'https://user:password@example.com/',
    'https://127.0.0.1/',
    'https://0x7f000001/',
    'https://2130706433/',
    'https://[::1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://169.254.169.254/latest/meta-data',
  ])('does not go to %s, nor asks for its name', async (url) => {
    const outgoing = new OutgoingRequests([], () => Promise.reject(new Error('asked')));
    await expect(outgoing.fetch(url)).rejects.toBeInstanceOf(OutgoingRefused);
  });

  it.each([
    ['inside', [LOOPBACK]],
    ['inside as well', [PUBLIC, LOOPBACK]],
    ['nowhere', []],
  ])('does not follow a name that leads %s', async (_, found) => {
    const outgoing = new OutgoingRequests([], () => Promise.resolve(found));
    await expect(outgoing.fetch('https://issuer.test/')).rejects.toBeInstanceOf(OutgoingRefused);
  });

  it('resolves a name once, goes to that address, and names the host as it was written', async () => {
    let asked = 0;
    const outgoing = new OutgoingRequests(['issuer.test'], () => {
      asked += 1;
      return Promise.resolve([LOOPBACK]);
    });
    const body = new URLSearchParams({ a: 'b' });
    const answer = await outgoing.fetch(`http://ISSUER.test:${port}/token`, { method: 'POST', body });
    expect(await answer.json()).toEqual({ method: 'POST', host: `issuer.test:${port}`, body: 'a=b' });
    expect(asked).toBe(1);
  });

  it('follows no redirect, takes no large answer, and knows an empty one', async () => {
    const outgoing = new OutgoingRequests(['127.0.0.1']);
    expect((await outgoing.fetch(`http://127.0.0.1:${port}/away`)).status).toBe(302);
    await expect(outgoing.fetch(`http://127.0.0.1:${port}/large`)).rejects.toBeInstanceOf(OutgoingRefused);
    expect((await outgoing.fetch(`http://127.0.0.1:${port}/none`)).status).toBe(204);
  });

  it('ends when it is told to, also while a name is looked for', async () => {
    const outgoing = new OutgoingRequests([], () => new Promise(() => undefined));
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(outgoing.fetch('https://issuer.test/', { signal })).rejects.toThrow('enough');
  });
});
