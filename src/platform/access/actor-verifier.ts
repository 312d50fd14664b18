import type { Tenant } from '../tenancy/tenant.types.ts';
import type { Caller } from './caller.ts';
import type { Actor } from './actor.ts';

/** Port to whoever knows credentials; a domain module keeps it. */
export abstract class ActorVerifier {
  /**
   * Checks the credential of a request.
   *
   * @param addressed the tenant that the request names; null when it leaves that to the token
   * @throws Unauthenticated, TenantMismatch, TenantSuspended, TenantUnavailable
   */
  abstract verify(
    request: { headers: Record<string, unknown> },
    addressed: Tenant | null,
    caller: Caller,
  ): Promise<{ actor: Actor; tenant: Tenant }>;
}
