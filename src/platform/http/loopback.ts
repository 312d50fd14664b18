import type { FastifyRequest } from 'fastify';
import { isIP } from 'node:net';
import { AppError } from '../errors/app-error.ts';

export class RouteNotFound extends AppError {
  constructor() {
    super('missing', 'route_not_found', 'There is no such route.');
  }
}

/**
 * From loopback, on nobody else's behalf, and under a name of this machine: a proxy here asks from loopback too, and so does a
 * browser here that follows a name of a stranger's to 127.0.0.1 (DNS rebinding).
 */
export function isFromThisMachine(request: FastifyRequest): boolean {
  const forwarded = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((header) => header in request.headers);
  return isLoopback(request.ip) && isNamedLocally(request.headers.host ?? '') && !forwarded;
}

function isNamedLocally(host: string): boolean {
  const name = host.toLowerCase().replace(/:\d+$/, '');
  return name === 'localhost' || name.endsWith('.localhost') || isLoopback(name.replace(/^\[(.*)\]$/, '$1'));
}

function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:/, '');
  return isIP(plain) === 4 ? plain.startsWith('127.') : plain === '::1';
}
