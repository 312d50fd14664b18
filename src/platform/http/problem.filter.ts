import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isRefusal, recordRefusal } from '../audit/refusals.ts';
import { AppError, MOST_PROBLEMS, type ErrorKind } from '../errors/app-error.ts';
import { boundedProblem } from './bounded-problem.ts';
import { databaseProblem } from '../database/database-problem.ts';
import { Damage } from '../tenancy/damage.ts';
import type { AppReply, AppRequest } from './request.ts';

/** The one place where a kind of error becomes an HTTP status. */
const STATUS: Record<ErrorKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  refused: 403,
  missing: 404,
  conflict: 409,
  stale: 412,
  mismatched: 422,
  oversized: 413,
  unsupported: 415,
  unsatisfiable: 416,
  limited: 429,
  unavailable: 503,
  internal: 500,
};

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** Of an error that is not about what was sent, such as the tasks of a circle. */
const MOST_DETAILS = 100;

const UNEXPECTED = 'Something went wrong on our side. The request id helps us to find it.';

/** Every error leaves as RFC 9457 problem+json with a stable code; the unexpected one is logged whole and says nothing. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly damage: Damage) {}

  async catch(raw: unknown, host: ArgumentsHost): Promise<void> {
    const thrown = await this.damage.explain(raw);
    const request = host.switchToHttp().getRequest<AppRequest>();
    if (thrown instanceof AppError && isRefusal(request, thrown)) await recordRefusal(request, thrown);
    sendProblem(thrown, request, host.switchToHttp().getResponse<AppReply>());
  }
}

/** Also called by the server for what never reaches NestJS, such as an address that cannot be decoded. */
export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error = asAppError(thrown);
  const status = statusOf(thrown) ?? STATUS[error.kind];
  request.log[error.logLevel](
    { err: error.kind === 'internal' ? (error.cause ?? thrown) : thrown, code: error.code },
    error.message,
  );
  if (error.retryAfter !== undefined) void reply.header('retry-after', String(error.retryAfter));
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  const code = error.kind === 'internal' ? 'internal_error' : error.code;
  const message = error.kind === 'internal' ? UNEXPECTED : error.message;
  const problem = {
    type: `urn:projectflow:problem:${code}`,
    title: TITLES[status] ?? 'Error',
    status,
    detail: message,
    instance: request.url.split('?')[0]!,
    requestId: request.id,
    error: { code, message, details: error.details },
  };
  void reply
    .status(status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(boundedProblem(problem, error.kind === 'invalid' ? MOST_PROBLEMS : MOST_DETAILS));
}

/** Framework errors carry their own status: an unknown route, a body that is too large or not JSON. */
function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof AppError) return undefined;
  if (thrown instanceof HttpException) return thrown.getStatus();
  const status = thrown instanceof Error && 'statusCode' in thrown ? Number(thrown.statusCode) : NaN;
  return status >= 400 && status < 500 ? status : undefined;
}

const FRAMEWORK_CODES: Record<number, [ErrorKind, string, string]> = {
  400: ['invalid', 'malformed_request', 'The request cannot be read.'],
  404: ['missing', 'route_not_found', 'There is no such route.'],
  413: ['oversized', 'body_too_large', 'The body is larger than 1 MiB.'],
  415: ['unsupported', 'unsupported_media_type', 'Send the body as application/json.'],
};

function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const status = statusOf(thrown);
  if (status !== undefined && status < 500) {
    const [kind, code, message] = FRAMEWORK_CODES[status] ?? [
      'invalid',
      'bad_request',
      'The request cannot be served.',
    ];
    const detail = status === 400 && thrown instanceof Error ? ` ${thrown.message}` : '';
    return new AppError(kind, code, message + detail);
  }
  return databaseProblem(thrown) ?? new AppError('internal', 'internal_error', 'unexpected error', { cause: thrown });
}
