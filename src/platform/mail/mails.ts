import { Injectable } from '@nestjs/common';
import { SecretBox } from '../crypto/secret-box.ts';
import { Jobs } from '../jobs/jobs.ts';
import type { Tenant } from '../tenancy/tenant.types.ts';
import { MAIL_PLACE, SEND_MAIL, type Mail } from './mail.ts';

/** Takes mails to be sent. */
@Injectable()
export class Mails {
  constructor(
    private readonly jobs: Jobs,
    private readonly box: SecretBox,
  ) {}

  /** Stored when this returns, and sent at least once, soon. Outside of transactions: from a listener. */
  async post(tenant: Tenant | null, mail: Mail): Promise<void> {
    const sealed = this.box.seal(JSON.stringify(mail), MAIL_PLACE);
    await this.jobs.send(SEND_MAIL, { sealed }, { tenantId: tenant?.id });
  }
}
