import type { AppError } from '../errors/app-error.ts';
import type { AppRequest } from '../http/request.ts';
import { audit } from './audit.ts';

/** Whether somebody who is known was told that they may not. */
export function isRefusal(request: AppRequest, error: AppError): boolean {
  return error.kind === 'refused' && request.context !== undefined && request.context.actor.userId !== null;
}

/**
 * Records a refusal, after whatever was begun has been rolled back and before the answer leaves. It throws nothing: that
 * the record could not be kept must not turn a refusal into another answer.
 */
export async function recordRefusal(request: AppRequest, error: AppError): Promise<void> {
  const { method, url, context } = request;
  const details = { code: error.code, message: error.message, method, path: url.split('?')[0] };
  try {
    await audit(context!, { action: 'access.refused', outcome: 'refused', details });
  } catch (failure) {
    request.log.error({ err: failure, ...details }, 'a refusal could not be recorded');
  }
}
