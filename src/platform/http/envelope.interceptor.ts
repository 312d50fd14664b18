import {
  Injectable,
  SetMetadata,
  StreamableFile,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { concatMap, of, type Observable } from 'rxjs';
import { Page } from '../database/page.ts';
import { figuresOf } from './figures.ts';
import { FileAnswer } from './file-answer.ts';
import type { AppReply, AppRequest } from './request.ts';

/** Routes outside /api answer in their own standard's shape: JWKS, health, metrics. */
const ENVELOPED = /^\/api\/v\d+\//;

const LOCATED_AT = Symbol('located at');

/** Where a created resource is found: `{field}` of the answer, `:parameter` of the path. Without it: below its list, by its id. */
export const LocatedAt = (template: string) => SetMetadata(LOCATED_AT, template);

/**
 * Wraps what a controller returns in `{ data, meta }`, gives a single resource its ETag, a created one its Location,
 * and answers 304 when the client has the version already.
 */
@Injectable()
export class EnvelopeInterceptor implements NestInterceptor<unknown, unknown> {
  constructor(private readonly reflector: Reflector) {}

  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = execution.switchToHttp().getRequest<AppRequest>();
    const reply = execution.switchToHttp().getResponse<AppReply>();
    if (!ENVELOPED.test(request.url)) return next.handle();
    const location = this.reflector.get<string | undefined>(LOCATED_AT, execution.getHandler());
    return next.handle().pipe(
      concatMap((body) => {
        if (reply.statusCode === 201) locate(body, request, reply, location);
        return body instanceof FileAnswer ? file(body, request, reply) : of(envelope(body, request, reply));
      }),
    );
  }
}

/** It is opened only for whoever does not have it yet. */
async function file(answer: FileAnswer, request: AppRequest, reply: AppReply): Promise<StreamableFile | undefined> {
  void reply.header('cache-control', 'private, no-cache').header('etag', answer.tag);
  const { range: asked, 'if-range': ifRange, 'if-none-match': known } = request.headers;
  if (matches(known, answer.tag)) {
    void reply.status(304);
    return undefined;
  }
  if (answer.bytes === null) return answer.open(null);
  void reply.header('accept-ranges', 'bytes');
  const range = rangeOf(answer, asked, oneOf(ifRange), reply);
  if (range) void reply.status(206).header('content-range', `bytes ${range.start}-${range.end}/${answer.bytes}`);
  return answer.open(range);
}

function rangeOf(answer: FileAnswer, range: string | undefined, ifRange: string | undefined, reply: AppReply) {
  try {
    return answer.rangeOf({ range, ifRange });
  } catch (error) {
    // From it a client learns what it may ask for.
    void reply.header('content-range', `bytes */${answer.bytes}`);
    throw error;
  }
}

/** A header that was sent twice says what no tag is. */
function oneOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? '' : header;
}

function envelope(body: unknown, request: AppRequest, reply: AppReply): unknown {
  if (body === undefined || body === null) return undefined;
  if (body instanceof StreamableFile) {
    void reply.header('cache-control', 'private, no-store');
    return body;
  }
  if (body instanceof Page) {
    void reply.header('cache-control', 'no-store');
    return { data: body.items, meta: body.meta };
  }
  const tag = etagOf(body);
  void reply.header('cache-control', tag ? 'private, no-cache' : 'no-store');
  if (!tag) return { data: body };
  void reply.header('etag', tag);
  if (request.method === 'GET' && matches(request.headers['if-none-match'], tag)) {
    void reply.status(304);
    return undefined;
  }
  return { data: body };
}

/** A resource's version is its ETag: strong, because any change of what is shown raises it. */
function etagOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('version' in body) || typeof body.version !== 'number')
    return null;
  const figures = figuresOf(body);
  return figures === undefined ? `"${body.version}"` : `"${body.version}.${figures}"`;
}

function locate(body: unknown, request: AppRequest, reply: AppReply, template = `${pathOf(request)}/{id}`): void {
  const fields = body as Record<string, unknown>;
  const parameters = request.params as Record<string, string>;
  const path = template
    .replace(/:(\w+)/g, (_, name: string) => parameters[name] ?? '')
    .replace(/\{(\w+)\}/g, (_, name: string) => String(fields[name]));
  void reply.header('location', path);
}

function pathOf(request: AppRequest): string {
  return request.url.split('?')[0]!;
}

function matches(header: string | undefined, tag: string): boolean {
  return (
    header !== undefined &&
    (header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === tag))
  );
}
