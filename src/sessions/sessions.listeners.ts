import { Injectable } from '@nestjs/common';
import { ActorsChanged } from '../platform/events/actors-changed.ts';
import { Hears } from '../platform/events/hears.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { UserDeactivated, UserDeleted } from '../users/users.events.ts';
import { PasswordChanged } from '../passwords/passwords.events.ts';
import { ActorsService } from './actors.service.ts';
import { SessionsService } from './sessions.service.ts';

@Injectable()
export class SessionsListeners {
  constructor(
    private readonly sessions: SessionsService,
    private readonly actors: ActorsService,
  ) {}

  /** Once more: the process in which it happened may have ended before it could say so. */
  @Hears(ActorsChanged)
  async forgetActors(ctx: TenantContext, { userId }: ActorsChanged): Promise<void> {
    await this.actors.forget(ctx, userId);
  }

  @Hears(UserDeactivated)
  async endSessions(ctx: TenantContext, event: UserDeactivated): Promise<void> {
    await this.sessions.closeAll(ctx, event.userId, { openedBefore: new Date(event.at) });
  }

  @Hears(UserDeleted)
  async endSessionsOfDeleted(ctx: TenantContext, event: UserDeleted): Promise<void> {
    await this.sessions.closeAll(ctx, event.userId);
  }

  @Hears(PasswordChanged)
  async endOtherSessions(ctx: TenantContext, event: PasswordChanged): Promise<void> {
    await this.sessions.closeAll(ctx, event.userId, {
      exceptId: event.exceptSessionId,
      openedBefore: new Date(event.at),
    });
  }
}
