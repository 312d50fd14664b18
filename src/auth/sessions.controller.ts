import { Controller, Delete, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { DuringEnrolment, Requires, SignedIn } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers, AnswersNothing, AnswersPage } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { UsersService } from '../users/users.service.ts';
import { SessionResponse, toSessionResponse } from './sessions.dto.ts';
import { SessionsService } from './sessions.service.ts';

@ApiTags('auth')
@ApiBearerAuth()
@Controller()
export class SessionsController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly users: UsersService,
  ) {}

  /** Where one is signed in, the session that was used last first. */
  @Get('auth/sessions')
  @SignedIn()
  @AnswersPage(SessionResponse)
  async list(@Ctx() ctx: TenantContext): Promise<Page<SessionResponse>> {
    return this.#pageOf(ctx, ctx.actor.userId!);
  }

  @Get('auth/sessions/:id')
  @SignedIn()
  @Answers(200, SessionResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<SessionResponse> {
    return toSessionResponse(await this.sessions.get(ctx, ctx.actor.userId!, id), ctx.actor.sessionId);
  }

  /** Ends one of one's own; its tokens stop working within a second. */
  @Delete('auth/sessions/:id')
  @SignedIn()
  @DuringEnrolment()
  @AnswersNothing()
  async close(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<void> {
    await this.sessions.close(ctx, ctx.actor.userId!, id);
  }

  /** Where somebody else is signed in. */
  @Get('users/:id/sessions')
  @Requires('user.update')
  @AnswersPage(SessionResponse)
  async listOf(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<Page<SessionResponse>> {
    this.users.demandReach(ctx, await this.users.get(ctx, id));
    return this.#pageOf(ctx, id);
  }

  /** Signs somebody out everywhere. */
  @Delete('users/:id/sessions')
  @Requires('user.update')
  @AnswersNothing()
  async closeAllOf(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<void> {
    this.users.demandReach(ctx, await this.users.get(ctx, id));
    await this.sessions.closeAll(ctx, id);
  }

  async #pageOf(ctx: TenantContext, userId: string): Promise<Page<SessionResponse>> {
    const sessions = await this.sessions.list(ctx, userId);
    return Page.whole(sessions).map((session) => toSessionResponse(session, ctx.actor.sessionId));
  }
}
