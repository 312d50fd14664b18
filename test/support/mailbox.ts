import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { eventually } from './eventually.ts';

export interface Mailbox {
  /** For SMTP_URL. */
  url: string;
  received: Email[];
  /** The newest mail to an address with this in its subject, as soon as it is there; `count` of them must have come by then. */
  to(address: string, count?: number, subject?: string): Promise<Email>;
  /** The token in the newest mail to an address. */
  tokenFor(address: string, count?: number, subject?: string): Promise<string>;
  stop(): Promise<void>;
}

/** A real SMTP server on a free port, that keeps what it is given. */
export async function startMailbox(): Promise<Mailbox> {
  const received: Email[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        PostalMime.parse(Buffer.concat(chunks)).then(
          (mail) => {
            received.push(mail);
            done();
          },
          (error: Error) => done(error),
        );
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  const to = (address: string, count = 1, subject = '') =>
    eventually(async () => {
      const mails = received.filter(
        (mail) => mail.to?.some((recipient) => recipient.address === address) && mail.subject!.includes(subject),
      );
      if (mails.length < count) throw new Error(`${mails.length} mails to ${address}, of ${received.length}`);
      return mails.at(-1)!;
    }, 10_000);
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    to,
    tokenFor: async (address, count, subject) => tokenIn((await to(address, count, subject)).text!),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

export function tokenIn(text: string): string {
  const [, token] = /#token=(\S+)/.exec(text) ?? [];
  if (!token) throw new Error(`no token in ${text}`);
  return token;
}
