import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** A line of 128 kbit/s: whoever reads slower than this keeps an answer in our memory. */
const BYTES_A_SECOND = 16 * 1024;

/**
 * Cuts connections whose clients do not read what they asked for. An answer is whole in memory once its last part was handed
 * over, and until it is read; a file that is read from the disk as fast as it is taken is bounded by the time without a byte.
 *
 * @param patienceMs for an answer of no length
 */
export function cutSlowReaders(server: Server, patienceMs: number): void {
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    response.once('prefinish', () => {
      const waiting = socket.writableLength;
      if (waiting === 0) return;
      const cut = setTimeout(() => socket.destroy(), patienceMs + (waiting / BYTES_A_SECOND) * 1_000).unref();
      socket.once('close', () => clearTimeout(cut));
      response.once('finish', () => clearTimeout(cut));
    });
  });
}
