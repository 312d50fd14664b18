import type { FastifyRequest } from 'fastify';
import { isIP } from 'node:net';
import { AppError } from '../errors/app-error.ts';

export class RouteNotFound extends AppError {
  constructor() {
    super('missing', 'route_not_found', 'There is no such route.');
  }
}

/** From loopback, and on nobody else's behalf: a proxy on this machine asks from there too. */
export function isFromThisMachine(request: FastifyRequest): boolean {
  const forwarded = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((header) => header in request.headers);
  return isLoopback(request.ip) && !forwarded;
}

function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:/, '');
  return isIP(plain) === 4 ? plain.startsWith('127.') : plain === '::1';
}
