import Provider from 'oidc-provider';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { freePort } from '../support/free-port.ts';

export const CLIENT = { clientId: 'projectflow', clientSecret: 'a secret of the two' };

export interface Account {
  email?: string;
  email_verified?: boolean;
  given_name?: string;
  family_name?: string;
}

/** A certified OpenID provider, at which whoever is `current` signs in without being asked. */
export interface RealIssuer {
  issuer: string;
  accounts: Map<string, Account>;
  /** The subject of whoever sits before the browser; null cancels. */
  current: string | null;
  stop(): Promise<void>;
}

export async function startRealIssuer(redirectUris: string[]): Promise<RealIssuer> {
  const port = await freePort();
  const accounts = new Map<string, Account>();
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        redirect_uris: redirectUris,
        response_types: ['code'],
        grant_types: ['authorization_code'],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    pkce: { required: () => true },
    cookies: { keys: ['of the test'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['given_name', 'family_name'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...accounts.get(sub) }) }),
    // Nobody is asked what the application may see.
    loadExistingGrant: async (ctx) => {
      const known = ctx.oidc.session!.grantIdFor(ctx.oidc.client!.clientId);
      if (known) return ctx.oidc.provider.Grant.find(known);
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client!.clientId,
        accountId: ctx.oidc.session!.accountId,
      });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  const real: RealIssuer = {
    issuer: `http://127.0.0.1:${port}`,
    accounts,
    current: null,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  const interact = async (request: IncomingMessage, response: ServerResponse) => {
    await provider.interactionDetails(request, response);
    const result = real.current === null ? { error: 'access_denied' } : { login: { accountId: real.current } };
    await provider.interactionFinished(request, response, result);
  };
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/interaction/')) void interact(request, response);
    else void answer(request, response);
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return real;
}
