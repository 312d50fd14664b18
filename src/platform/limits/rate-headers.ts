import type { AppReply } from '../http/request.ts';
import { WINDOWS, type CountedBy, type RequestCount } from './request-counts.ts';

/**
 * Tells what is left, in the headers of draft-ietf-httpapi-ratelimit-headers. Both are lists (RFC 9651), with an entry
 * for each policy that a request is counted by.
 */
export function tellLimit(reply: AppReply, by: CountedBy, limit: number, { used, resetSeconds }: RequestCount): void {
  append(reply, 'ratelimit-policy', `"${by}";q=${limit};w=${WINDOWS[by]}`);
  append(reply, 'ratelimit', `"${by}";r=${Math.max(0, limit - used)};t=${resetSeconds}`);
}

function append(reply: AppReply, name: string, entry: string): void {
  const others = reply.getHeader(name);
  void reply.header(name, others === undefined ? entry : `${String(others)}, ${entry}`);
}
