import multipart from '@fastify/multipart';
import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { RouteConfig, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import { errorCodes, type FastifyRequest } from 'fastify';
import { buffer } from 'node:stream/consumers';
import { AppError, InvalidInput } from '../errors/app-error.ts';
import { FileTooLarge } from '../files/files.errors.ts';
import type { ArrivingFile, IncomingFile } from '../files/incoming-file.ts';
import type { AppRequest } from './request.ts';

const FORM = /^multipart\/form-data\b/i;
/** Of a form around one file: boundaries, the headers of its parts and other fields. */
const FORM_BYTES = 4 * 1024;
const FIELD_BYTES = 1024;

export const TAKES_UPLOAD = Symbol('takes an upload');

/**
 * The route takes one file as `multipart/form-data`, in the field `file`. No other route takes that type.
 *
 * @param fields that the form may have besides, with their schemas
 */
export const TakesUpload = (description: string, fields: Record<string, object> = {}) =>
  applyDecorators(
    SetMetadata(TAKES_UPLOAD, true),
    RouteConfig({ takesUpload: true }),
    ApiConsumes('multipart/form-data'),
    ApiBody({
      schema: {
        type: 'object',
        required: ['file'],
        properties: { file: { type: 'string', format: 'binary', description }, ...fields },
      },
    }),
  );

/** The file that comes with the request; nothing of it was read yet. */
export const Upload = createParamDecorator((_: unknown, execution: ExecutionContext): IncomingFile => {
  const request = execution.switchToHttp().getRequest<AppRequest>();
  return {
    read: async (mostBytes) =>
      (await receive(request, { mostBytes, fields: [] }, ({ content }) => buffer(content))).taken,
    receive: (order, take) => receive(request, order, take),
  };
});

class UnsupportedUpload extends AppError {
  constructor() {
    super('unsupported', 'unsupported_media_type', 'Send the file as multipart/form-data.');
  }
}

class FileExpected extends InvalidInput {
  constructor(message: string) {
    super([{ pointer: '/file', code: 'one_file', message }]);
  }
}

/** Forms are read by the routes that take one; sent to any other they answer 415, like each type that nobody knows. */
export async function takeUploads(app: NestFastifyApplication): Promise<void> {
  await app.register(multipart, { throwFileSizeLimit: true });
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('preParsing', ({ headers, routeOptions }: FastifyRequest, _reply, _payload, done) => {
      const type = headers['content-type'];
      const isForm = type !== undefined && FORM.test(type);
      if (!isForm || 'takesUpload' in routeOptions.config) done();
      else done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(type));
    });
}

async function receive<T>(
  request: FastifyRequest,
  { mostBytes, fields }: { mostBytes: number; fields: readonly string[] },
  take: (file: ArrivingFile) => Promise<T>,
): Promise<{ taken: T; fields: Record<string, string> }> {
  if (!FORM.test(request.headers['content-type'] ?? '')) throw new UnsupportedUpload();
  if (Number(request.headers['content-length']) > mostBytes + FORM_BYTES) throw new FileTooLarge(mostBytes);
  const parts = { files: 1, fields: fields.length, parts: 1 + fields.length };
  const limits = { ...parts, fileSize: mostBytes, fieldSize: FIELD_BYTES, fieldNameSize: 100, headerPairs: 20 };
  const given: Record<string, string> = {};
  let taken: { value: T } | null = null;
  try {
    for await (const part of request.parts({ limits })) {
      if (part.type === 'field') {
        if (!fields.includes(part.fieldname) || typeof part.value !== 'string' || part.valueTruncated)
          throw unknownPart(part.fieldname);
        given[part.fieldname] = part.value;
        continue;
      }
      if (part.fieldname !== 'file') throw unknownPart(part.fieldname);
      taken = { value: await take({ name: part.filename ?? '', content: part.file }) };
      if (part.file.truncated) throw new FileTooLarge(mostBytes);
    }
  } catch (error) {
    // What is not wanted is still to arrive before the connection can carry another request.
    request.raw.unpipe();
    request.raw.resume();
    throw problemOf(error, mostBytes);
  }
  if (taken === null) throw new FileExpected('Send one file in the field file.');
  return { taken: taken.value, fields: given };
}

function unknownPart(name: string): FileExpected {
  return new FileExpected(`Send one file in the field file; ${name} is not known.`);
}

/** The parser's errors are told apart by their codes; those without one are about a form that cannot be read. */
function problemOf(error: unknown, mostBytes: number): Error {
  if (error instanceof AppError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'FST_REQ_FILE_TOO_LARGE') return new FileTooLarge(mostBytes);
  if (code === 'FST_FILES_LIMIT' || code === 'FST_PARTS_LIMIT' || code === 'FST_FIELDS_LIMIT')
    return new FileExpected('Send one file in the field file, and nothing else.');
  return new InvalidInput(
    [{ pointer: '', code: 'form', message: 'The body is not a whole multipart/form-data.' }],
    'malformed_request',
  );
}
