import { defineJob } from '../jobs/job.ts';

/** Plain text: it arrives everywhere, and there is nothing in it to escape. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** The mail is sealed, because the queue is in the registry and a mail may hold a token. */
export const SEND_MAIL = defineJob<{ sealed: string }>({
  name: 'send-mail',
  attempts: 6,
  pauseSeconds: 5,
  timeoutSeconds: 60,
  concurrency: 4,
});

/** Where the sealed text belongs, see SecretBox. */
export const MAIL_PLACE = 'jobs.send-mail';
