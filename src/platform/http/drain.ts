import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/** How long a connection that was just made may take to send its request, once no new ones are accepted. */
const YOUNG_MS = 2_000;
/** A turn of the event loop in which nothing but this was done, and how many turns to wait for one. */
const QUIET_TURN_MS = 0.1;
const MOST_TURNS = 10_000;

export interface DrainOptions {
  /** How long requests are still accepted, so that load balancers notice that this instance is not ready. */
  drainMs: number;
  /** After which connections are cut whose client does not read its answer: it would be waited for for ever. */
  patienceMs: number;
}

/**
 * Stops serving without turning any client away. At first every answer closes its connection while new ones are accepted;
 * then the server stops listening, lets connections that were made a moment ago ask what they came for, waits for what is
 * still running, and closes the application.
 */
export async function drainAndClose(app: NestFastifyApplication, { drainMs, patienceMs }: DrainOptions): Promise<void> {
  const server = app.getHttpServer();
  server.prependListener('request', (_request, response: ServerResponse) => response.setHeader('connection', 'close'));
  await sleep(drainMs);
  const cut = setTimeout(() => server.closeAllConnections(), patienceMs);
  await quietTurn();
  // From now on connections are refused, which a balancer takes to another instance. Idle ones are closed by it, too.
  server.close();
  const deadline = Date.now() + Math.min(YOUNG_MS, patienceMs);
  while (Date.now() < deadline && silentOf(server).size > 0) await sleep(20);
  closeSilentConnections(server);
  while ((await countConnections(server)) > 0) await sleep(20);
  clearTimeout(cut);
  await app.close();
}

/**
 * Resolves right after a turn of the event loop in which no input arrived. A connection or request that reaches the kernel
 * between the last look at it and a close is reset; that gap is as short as it can be then.
 */
async function quietTurn(): Promise<void> {
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const began = performance.now();
    await nextTurn();
    if (performance.now() - began < QUIET_TURN_MS) return;
  }
}

/** Connections that have not asked anything yet, such as a browser's spare ones: closing would wait for their first request. */
const silentConnections = new WeakMap<Server, Set<Socket>>();

const silentOf = (server: Server): ReadonlySet<Socket> => silentConnections.get(server) ?? new Set();

export function closeSilentConnections(server: Server): void {
  for (const socket of silentOf(server)) socket.destroy();
}

export function watchSilentConnections(server: Server): void {
  const silent = new Set<Socket>();
  silentConnections.set(server, silent);
  server.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage) => silent.delete(socket));
}

function countConnections(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((error, count) => resolve(error ? 0 : count)));
}
