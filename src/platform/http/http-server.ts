import { VersioningType } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import {
  LogController,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { InvalidInput } from '../errors/app-error.ts';
import { AddressLimit } from '../limits/address-limit.ts';
import { NestLogger } from '../logging/nest-logger.ts';
import { PRODUCT_VERSION } from '../config/version.ts';
import { watchSilentConnections } from './drain.ts';
import { refuseUnbounded } from './json-bounds.ts';
import { describeRoutes, operationId } from './openapi-routes.ts';
import { openApiBase } from './openapi.ts';
import { sendProblem } from './problem.filter.ts';
import { securityHeaders } from './security-headers.ts';
import { cutSlowReaders } from './slow-readers.ts';
import { takeUploads } from './uploads.ts';
import type { AppRequest } from './request.ts';

const BODY_LIMIT = 1024 * 1024;
const DOCS_PATH = 'api/docs';
const EXPOSED_HEADERS = [
  'ETag',
  'Idempotency-Replayed',
  'Location',
  'Content-Disposition',
  'Content-Range',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Request-Id',
];
const REQUEST_ID = /^[A-Za-z0-9._:-]{8,128}$/;

/** The first stations of every request, before the pipeline of NestJS: id, log, security headers, CORS. */
export async function createHttpServer(
  module: unknown,
  config: Config,
  logger: Logger,
): Promise<NestFastifyApplication> {
  const headers = securityHeaders();
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    // Hop 0 is the connection itself; with one proxy in front, the last address in X-Forwarded-For is the client.
    trustProxy: config.TRUST_PROXY > 0 && ((_address: string, hop: number) => hop < config.TRUST_PROXY),
    bodyLimit: BODY_LIMIT,
    genReqId: requestId,
    rewriteUrl: originForm,
    // For the largest file over a slow line: 25 MiB at 2 Mbit/s.
    requestTimeout: 120_000,
    // Longer than a balancer's, or it would send a request into a connection that is being closed.
    keepAliveTimeout: 72_000,
    // Without a byte in either direction for so long, nobody is at the other end.
    connectionTimeout: config.ANSWER_SECONDS * 1_000,
    http: { headersTimeout: 15_000 },
    // What has no address that could be read passes no hook.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      void refuseByAddress(app, request, reply, headers).then((isRefused) => {
        if (!isRefused) sendProblem(error, request, reply.headers(headers));
      }),
    // Requests on connections that are still open are served to the end; main.ts says when there are no more.
    return503OnClosing: false,
  });
  const app: NestFastifyApplication = await NestFactory.create<NestFastifyApplication>(module as never, adapter, {
    logger: new NestLogger(logger),
    abortOnError: false,
    bodyParser: false,
  });
  // Before all other hooks: what is refused costs a count, whether its route, its type or its body would have been known.
  adapter.setOnRequestHook(async (request: FastifyRequest, reply: FastifyReply) => {
    await refuseByAddress(app, request, reply, headers);
  });
  readJson(adapter);
  app.enableVersioning({ type: VersioningType.URI, prefix: 'api/v', defaultVersion: '1' });
  app.enableCors({
    origin: config.ALLOWED_ORIGINS,
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: 600,
  });
  await takeUploads(app);
  const server = app.getHttpServer();
  watchSilentConnections(server);
  cutSlowReaders(server, config.ANSWER_SECONDS * 1_000);
  warnOfUnknownProxy(app, config);
  markAndLog(app, headers);
  serveDocumentation(app);
  return app;
}

/** @returns whether the request was answered, because its address has made too many */
async function refuseByAddress(
  app: NestFastifyApplication,
  request: FastifyRequest,
  reply: FastifyReply,
  headers: Record<string, string>,
): Promise<boolean> {
  const refusal = await app.get(AddressLimit).count(request, reply);
  if (!refusal) return false;
  const { origin } = request.headers;
  void reply.headers(headers).headers({ 'x-request-id': request.id, vary: 'Origin' });
  // As enableCors() says it, which is not asked any more: a browser's program is to learn how long to wait.
  if (origin !== undefined && app.get<Config>(CONFIG).ALLOWED_ORIGINS.includes(origin))
    void reply.headers({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': EXPOSED_HEADERS.join(', '),
    });
  sendProblem(refusal, request, reply);
  return true;
}

function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

class NotUtf8 extends InvalidInput {
  constructor() {
    super([{ pointer: '', code: 'encoding', message: 'The body is not valid UTF-8.' }], 'malformed_request');
  }
}

/**
 * JSON is the one type of body, besides files where a route takes one (uploads.ts); anything else answers 415. A body that is announced but empty is none: browsers' clients
 * send the content type with every DELETE.
 */
function readJson(adapter: FastifyAdapter): void {
  const fastify = adapter.getInstance<FastifyInstance>();
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  adapter.useBodyParser(
    'application/json',
    false,
    { bodyLimit: BODY_LIMIT },
    (request: FastifyRequest, body: Buffer, done) => {
      if (body.length === 0) done(null, undefined);
      else if (!isUtf8(body)) done(new NotUtf8());
      else {
        refuseUnbounded(body);
        void parse(request, body.toString(), done);
      }
    },
  );
}

/** Behind a proxy a target may be `http://host/path` (RFC 9112, 3.2.2): everything from here on means the path by it. */
function originForm({ url = '/' }: IncomingMessage): string {
  const target = url.replace(/^https?:\/\/[^/?#]*/i, '');
  return target.startsWith('/') || target === '*' ? target : `/${target}`;
}

/** Behind a proxy that is not configured every client has the proxy's address, and all of them share its limits. */
function warnOfUnknownProxy(app: NestFastifyApplication, config: Config): void {
  if (config.TRUST_PROXY > 0) return;
  let hasWarned = false;
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, _reply, done) => {
      if (!hasWarned && request.headers['x-forwarded-for'] !== undefined) {
        hasWarned = true;
        request.log.warn(
          { address: request.ip },
          'a request has X-Forwarded-For but TRUST_PROXY is 0, so all clients of that proxy count as one address; set TRUST_PROXY to the number of proxies in front',
        );
      }
      done();
    });
}

/** The headers of every answer; one line a request, with who and how long; never a body, never a query string's values. */
function markAndLog(app: NestFastifyApplication, headers: Record<string, string>): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.headers(headers).header('x-request-id', request.id);
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const { tenant, actor } = request as AppRequest;
    // That an instance is not ready is an answer, and balancers ask every second.
    const isFault = reply.statusCode >= 500 && !/^\/(?:health|ready)\b/.test(request.url);
    const level = isFault ? 'error' : 'info';
    request.log[level](
      {
        method: request.method,
        path: request.url.split('?')[0],
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        tenant: tenant?.slug,
        user: actor?.userId ?? undefined,
      },
      'request',
    );
    done();
  });
}

export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const document = SwaggerModule.createDocument(app, openApiBase(PRODUCT_VERSION), {
    operationIdFactory: operationId,
  });
  describeRoutes(document, app);
  return document;
}

function serveDocumentation(app: NestFastifyApplication): void {
  SwaggerModule.setup(DOCS_PATH, app, () => openApiDocument(app), {
    jsonDocumentUrl: 'api/openapi.json',
    yamlDocumentUrl: 'api/openapi.yaml',
    customSiteTitle: 'ProjectFlow API',
  });
  // The page runs scripts and styles of its own, which the API's policy forbids.
  const page = `default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'`;
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onSend', (request, reply, _payload, done) => {
      if (request.url.startsWith(`/${DOCS_PATH}`)) void reply.header('content-security-policy', page);
      done();
    });
}
