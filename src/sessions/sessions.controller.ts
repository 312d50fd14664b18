import { Controller, Delete, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DuringEnrolment, Requires, SignedIn } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { SessionResponse, toSessionResponse } from './sessions.dto.ts';
import type { SessionRow } from './sessions.types.ts';
import { SessionsService } from './sessions.service.ts';

@ApiTags('auth')
@Controller()
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  @Does('List where you are signed in', 'The session that was used last comes first.')
  @Get('auth/sessions')
  @SignedIn()
  @AnswersPage(SessionResponse)
  async list(@Ctx() ctx: TenantContext): Promise<Page<SessionResponse>> {
    return pageOf(await this.sessions.list(ctx, ctx.actor.userId!), ctx);
  }

  @Does('Read one of your sessions')
  @Get('auth/sessions/:id')
  @SignedIn()
  @Answers(200, SessionResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<SessionResponse> {
    return toSessionResponse(await this.sessions.get(ctx, ctx.actor.userId!, id), ctx.actor.sessionId);
  }

  @Does('End one of your sessions', 'Its tokens stop working within a second.')
  @Delete('auth/sessions/:id')
  @SignedIn()
  @DuringEnrolment()
  @AnswersNothing()
  async close(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<void> {
    await this.sessions.close(ctx, ctx.actor.userId!, id);
  }

  @Does('List where somebody is signed in')
  @Get('users/:id/sessions')
  @Requires('user.update')
  @AnswersPage(SessionResponse)
  async listOf(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<Page<SessionResponse>> {
    return pageOf(await this.sessions.listOf(ctx, id), ctx);
  }

  @Does('Sign somebody out everywhere')
  @Delete('users/:id/sessions')
  @Requires('user.update')
  @AnswersNothing()
  async closeAllOf(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<void> {
    await this.sessions.closeAllOf(ctx, id);
  }

  @Does('End all your sessions', 'This one too.')
  @Post('auth/logout-all')
  @SignedIn()
  @DuringEnrolment()
  @AnswersNothing()
  async closeAll(@Ctx() ctx: TenantContext): Promise<void> {
    await this.sessions.closeAll(ctx, ctx.actor.userId!);
  }
}

function pageOf(sessions: SessionRow[], { actor }: TenantContext): Page<SessionResponse> {
  return Page.whole(sessions).map((session) => toSessionResponse(session, actor.sessionId));
}
