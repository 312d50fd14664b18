import { applyDecorators, HttpCode, type Type } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiOperation,
  ApiProperty,
  ApiResponse,
  DocumentBuilder,
  getSchemaPath,
  type OpenAPIObject,
} from '@nestjs/swagger';
import { TAGS } from './openapi-tags.ts';

type OperationObject = NonNullable<OpenAPIObject['paths'][string]['post']>;

class ErrorDetailResponse {
  @ApiProperty({
    description: 'JSON pointer into the body, `?name` for a query parameter, `:name` for a path parameter',
  })
  pointer: string;
  @ApiProperty()
  code: string;
  @ApiProperty()
  message: string;
}

class ErrorResponse {
  @ApiProperty({ description: 'Stable; listed in docs/errors.md' })
  code: string;
  @ApiProperty()
  message: string;
  @ApiProperty({ type: [ErrorDetailResponse] })
  details: ErrorDetailResponse[];
}

/** RFC 9457. */
class ProblemResponse {
  @ApiProperty()
  type: string;
  @ApiProperty()
  title: string;
  @ApiProperty()
  status: number;
  @ApiProperty()
  detail: string;
  @ApiProperty()
  instance: string;
  @ApiProperty()
  requestId: string;
  @ApiProperty({ type: ErrorResponse })
  error: ErrorResponse;
}

class PageMetaResponse {
  @ApiProperty()
  limit: number;
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
  @ApiProperty({ type: String, nullable: true })
  prevCursor: string | null;
  @ApiProperty()
  hasMore: boolean;
  @ApiProperty({ required: false, description: 'with ?count=true' })
  total?: number;
}

/**
 * Documents what a caller gets from a route. What it asks of them stands there by itself (openapi-routes.ts).
 *
 * @param summary in the imperative, without a full stop: "Move a task before or behind another one"
 * @param description what else a caller should know, in Markdown
 */
export const Does = (summary: string, description?: string) => ApiOperation({ summary, description });

/** Documents a route that answers with one resource in the envelope, and sets its status. */
export const Answers = (status: number, type: Type<unknown>) =>
  answer(status, type, { type: 'object', required: ['data'], properties: { data: { $ref: getSchemaPath(type) } } });

/** Documents a route that answers with a page of a list. */
export const AnswersPage = (type: Type<unknown>) =>
  answer(200, type, {
    type: 'object',
    required: ['data', 'meta'],
    properties: {
      data: { type: 'array', items: { $ref: getSchemaPath(type) } },
      meta: { $ref: getSchemaPath(PageMetaResponse) },
    },
  });

export const AnswersNothing = () =>
  applyDecorators(HttpCode(204), ApiResponse({ status: 204, description: 'Done' }), problems());

/** Documents a route that sends a browser somewhere else. */
export const AnswersRedirect = (where: string) =>
  applyDecorators(
    HttpCode(302),
    ApiResponse({ status: 302, description: where, headers: { Location: { schema: { type: 'string' } } } }),
    problems(),
  );

/** Documents a route that answers with a file. */
export const AnswersFile = (mediaType: string) =>
  applyDecorators(
    HttpCode(200),
    ApiResponse({
      status: 200,
      description: 'The file',
      content: { [mediaType]: { schema: { type: 'string', format: 'binary' } } },
    }),
    problems(),
  );

const answer = (status: number, type: Type<unknown>, schema: object) =>
  applyDecorators(
    HttpCode(status),
    ApiExtraModels(type, PageMetaResponse, ProblemResponse),
    ApiResponse({ status, description: status === 201 ? 'Created' : 'OK', schema }),
    problems(),
  );

const problems = () =>
  applyDecorators(
    ApiExtraModels(ProblemResponse),
    ApiResponse({
      status: '4XX',
      description: 'What is wrong with the request',
      content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemResponse) } } },
    }),
    ApiResponse({
      status: '5XX',
      description: 'What went wrong on our side; 503 may be tried again after Retry-After',
      content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemResponse) } } },
    }),
  );

/** The names of the ways to say who is calling. */
export const TOKEN = 'bearer';
export const KEY = 'apiKey';
export const OPERATOR_TOKEN = 'operator';

export function openApiBase(version: string): Omit<OpenAPIObject, 'paths'> {
  const base = new DocumentBuilder()
    .setTitle('ProjectFlow')
    .setDescription(
      'Multi-tenant project management. Name your organisation in X-Tenant-Domain (its slug), by its subdomain, or let the access token say it.',
    )
    .setVersion(version)
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An access token, or an API key' }, TOKEN)
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'An API key' }, KEY)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'The access token of an operator' }, OPERATOR_TOKEN)
    .addGlobalParameters({
      name: 'X-Tenant-Domain',
      in: 'header',
      required: false,
      description: 'Slug or domain of the organisation',
      schema: { type: 'string' },
    })
    .build();
  return { ...base, tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })) };
}

/** Documents the header that `platform/idempotency` reads. */
export const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Carries the request out once: repeated within a day it answers what it answered first, with Idempotency-Replayed. ' +
    '409 request_in_flight while the first one is being worked on, 422 idempotency_key_reused with another request.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
} as const;

/** Somebody is signed in, no password is judged, and no file is sent. */
export function isRepeatable(path: string, { security, requestBody }: OperationObject): boolean {
  const isOfTenant = !/^\/api\/v\d+\/(auth|platform|users\/me)\//.test(path);
  const takesFile =
    requestBody !== undefined && 'content' in requestBody && 'multipart/form-data' in requestBody.content;
  return isOfTenant && !takesFile && (security?.length ?? 0) > 0;
}
