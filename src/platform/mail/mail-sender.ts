import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Transporter } from 'nodemailer';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { v7 as newId } from 'uuid';
import { CONFIG } from '../config/config.module.ts';
import { catchesMail, type Config } from '../config/config.ts';
import { SecretBox } from '../crypto/secret-box.ts';
import { Performs } from '../jobs/performs.ts';
import { LOGGER } from '../logging/logging.module.ts';
import { MAIL_PLACE, SEND_MAIL, type Mail } from './mail.ts';

const CONNECT_MS = 5_000;
const ANSWER_MS = 15_000;
const MOST_CAUGHT = 500;

/** Gives mails to an SMTP server, or keeps them to be read where there is none and mails are to be caught. */
@Injectable()
export class MailSender implements OnApplicationShutdown {
  #smtp: Promise<Transporter> | null = null;

  constructor(
    private readonly box: SecretBox,
    @InjectDataSource() private readonly registry: DataSource,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  @Performs(SEND_MAIL)
  async send({ sealed }: { sealed: string }): Promise<void> {
    const mail = JSON.parse(this.box.open(sealed, MAIL_PLACE)) as Mail;
    if (this.config.SMTP_URL)
      await (await (this.#smtp ??= connect(this.config.SMTP_URL))).sendMail({ ...mail, from: this.config.MAIL_FROM });
    else if (catchesMail(this.config)) await this.#catch(mail);
    // Trying again would not help: whoever sets SMTP_URL sends it to those who ask anew.
    else this.log.error({ subject: mail.subject }, 'a mail was not sent: SMTP_URL is not set');
  }

  async onApplicationShutdown(): Promise<void> {
    (await this.#smtp)?.close();
  }

  async #catch({ to, subject, text }: Mail): Promise<void> {
    await this.registry.query(
      'INSERT INTO public.caught_mails (id, sender, recipient, subject, body) VALUES ($1, $2, $3, $4, $5)',
      [newId(), this.config.MAIL_FROM, to, subject, text],
    );
    await this.registry.query(
      'DELETE FROM public.caught_mails WHERE id IN (SELECT id FROM public.caught_mails ORDER BY id DESC OFFSET $1)',
      [MOST_CAUGHT],
    );
  }
}

/** The library is loaded when the first mail is sent. */
async function connect(url: string): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    ...fromUrl(url),
    pool: true,
    maxConnections: 2,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: ANSWER_MS,
    // A mail is text of our own; nothing in it is a path or an address to be fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

function fromUrl(text: string): { host: string; port: number; secure: boolean; auth?: { user: string; pass: string } } {
  const { protocol, hostname, port, username, password } = new URL(text);
  const secure = protocol === 'smtps:';
  return {
    host: hostname,
    port: Number(port) || (secure ? 465 : 587),
    secure,
    ...(username === '' ? {} : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
  };
}
