import { Controller, Get, Inject, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Public } from '../access/access.decorators.ts';
import { CONFIG } from '../config/config.module.ts';
import { catchesMail, type Config } from '../config/config.ts';
import { RouteNotFound, isFromThisMachine } from '../http/loopback.ts';
import type { AppReply, AppRequest } from '../http/request.ts';

interface CaughtMail {
  id: string;
  at: Date;
  from: string;
  to: string;
  subject: string;
  text: string;
}

/** The mails that were caught instead of being sent, the newest first: as a page, or as JSON. For this machine alone. */
@ApiExcludeController()
@Controller({ path: 'dev/mails', version: VERSION_NEUTRAL })
export class CaughtMailsController {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Public({ tenant: false })
  async list(@Req() request: AppRequest, @Res() reply: AppReply): Promise<void> {
    if (!catchesMail(this.config) || !isFromThisMachine(request)) throw new RouteNotFound();
    const mails = await this.registry.query<CaughtMail[]>(
      `SELECT id, at, sender AS "from", recipient AS "to", subject, body AS text
         FROM public.caught_mails ORDER BY id DESC LIMIT 100`,
    );
    void reply.header('cache-control', 'no-store');
    if (request.headers.accept?.includes('application/json')) await reply.send({ data: mails });
    else await reply.type('text/html; charset=utf-8').send(pageOf(mails));
  }
}

function pageOf(mails: CaughtMail[]): string {
  const letters = mails.map(
    ({ at, from, to, subject, text }) =>
      `<article><h2>${escape(subject)}</h2><p>${at.toISOString()}, from ${escape(from)}, to ${escape(to)}</p><pre>${linked(escape(text))}</pre></article>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Caught mails</title><h1>Caught mails</h1>${letters.join('<hr>') || '<p>None yet.</p>'}</html>`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** After escaping: what it finds holds nothing that could end the attribute. */
function linked(html: string): string {
  return html.replace(/https?:\/\/[^\s<]+/g, (url) => `<a href="${url}">${url}</a>`);
}
