import { randomUUID } from 'node:crypto';

/** Where a call came from: for the list of sessions and the audit events. */
export interface Caller {
  requestId: string;
  /** Null for what the product does by itself: commands, jobs and listeners. */
  address: string | null;
  userAgent: string | null;
}

/** The product itself, on behalf of a request that it remembers, or of none. */
export function internalCaller(requestId: string = randomUUID()): Caller {
  return { requestId, address: null, userAgent: null };
}
