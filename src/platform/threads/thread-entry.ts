import { AppError } from '../errors/app-error.ts';
import type { Order, Outcome } from './threads.types.ts';

/** Runs in a thread of its own. */
export default async function carryOut({ module, name, input }: Order): Promise<Outcome> {
  const exported = (await import(module)) as Record<string, (input: unknown) => unknown>;
  try {
    return { value: exported[name]!(input) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { kind, code, message, details, retryAfter } = error;
    return { refusal: { kind, code, message, details, retryAfter } };
  }
}
