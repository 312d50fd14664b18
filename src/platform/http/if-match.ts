import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { InvalidInput } from '../errors/app-error.ts';
import type { AppRequest } from './request.ts';

/** The version that the client last saw, from If-Match; undefined when it does not insist on one. */
export const IfMatch = createParamDecorator((_: unknown, execution: ExecutionContext): number | undefined => {
  const header = execution.switchToHttp().getRequest<AppRequest>().headers['if-match'];
  if (header === undefined || header.trim() === '*') return undefined;
  // A proxy that compresses answers makes tags weak; they still name the version.
  const match = /^(?:W\/)?"(\d{1,9})(?:\.[\w-]{1,20})?"$/.exec(header.trim());
  if (!match) {
    throw new InvalidInput([
      { pointer: 'If-Match', code: 'etag', message: 'If-Match must be the ETag of the resource, such as "3".' },
    ]);
  }
  return Number(match[1]);
});

/** Documents If-Match on a route that takes it. */
export const TakesIfMatch = () =>
  ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'ETag that the change is based on; another one answers 412',
  });
