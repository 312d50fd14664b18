import { Global, Module } from '@nestjs/common';
import { CaughtMailsController } from './caught-mails.controller.ts';
import { Links } from './links.ts';
import { MailSender } from './mail-sender.ts';
import { Mails } from './mails.ts';

/** Owns: how mails leave. Offers: Mails, and Links for what they point to. */
@Global()
@Module({ controllers: [CaughtMailsController], providers: [Mails, MailSender, Links], exports: [Mails, Links] })
export class MailModule {}
