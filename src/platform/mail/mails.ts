import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { CONFIG } from '../config/config.module.ts';
import { catchesMail, type Config } from '../config/config.ts';
import { SecretBox } from '../crypto/secret-box.ts';
import { LOGGER } from '../logging/logging.module.ts';
import { Jobs } from '../jobs/jobs.ts';
import type { Tenant } from '../tenancy/tenant.types.ts';
import { deliveredTo } from './canonical-address.ts';
import { MAIL_PLACE, SEND_MAIL, type Mail } from './mail.ts';

/** Takes mails to be sent. */
@Injectable()
export class Mails {
  constructor(
    private readonly jobs: Jobs,
    private readonly box: SecretBox,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Stored when this returns, and sent at least once, soon. Outside of transactions: from a listener. */
  async post(tenant: Tenant | null, mail: Mail): Promise<void> {
    if (!this.config.SMTP_URL && !catchesMail(this.config)) {
      this.log.warn({ subject: mail.subject, tenant: tenant?.slug }, 'a mail is not sent: SMTP_URL is not set');
      return;
    }
    const sealed = this.box.seal(JSON.stringify({ ...mail, to: deliveredTo(mail.to) }), MAIL_PLACE);
    await this.jobs.send(SEND_MAIL, { sealed }, { tenantId: tenant?.id });
  }
}
