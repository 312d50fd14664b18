import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import * as oidc from 'openid-client';
import { OutgoingRequests } from '../platform/outgoing/outgoing-requests.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Provider, ProviderPlace } from '../sign-in-providers/sign-in-providers.types.ts';
import { SignInRefused } from './oauth.errors.ts';
import type { Vouched } from './oauth.types.ts';
import {
  completed,
  lacksEmail,
  vouchedByClaims,
  vouchedByGitHub,
  type Claims,
  type GitHubEmail,
  type GitHubUser,
} from './vouched.rules.ts';

/** What a provider says about itself is asked again after so long. */
const LIFE_MS = 10 * 60_000;
/** So that a provider that is away is not asked, and waited for, by each who wants to sign in. */
const FAILED_MS = 60_000;
const MOST_CLIENTS = 1_000;
const TIMEOUT_SECONDS = 10;

/** Marked as one to be avoided; the host was named in OUTGOING_ALLOW_HOSTS, which is to say that much. */
// eslint-disable-next-line @typescript-eslint/no-deprecated -- as above
const allowPlainHttp: (client: oidc.Configuration) => void = oidc.allowInsecureRequests;

type GitHubPlace = Exclude<ProviderPlace, { issuer: string }>;

export interface Checks {
  state: string;
  nonce: string;
  codeVerifier: string;
}

/** Speaks to the providers: where somebody is sent, and who they are when they come back. */
@Injectable()
export class ProviderClients {
  readonly #clients = new LRUCache<string, Promise<oidc.Configuration>>({ max: MOST_CLIENTS, ttl: LIFE_MS });

  constructor(private readonly outgoing: OutgoingRequests) {}

  /** Where to send the browser. @throws SignInRefused */
  async authorizationUrl(
    ctx: TenantContext,
    provider: Provider,
    redirectUri: string,
    { state, nonce, codeVerifier }: Checks,
  ): Promise<string> {
    const client = await this.#clientOf(ctx, provider);
    const url = oidc.buildAuthorizationUrl(client, {
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: provider.scopes.join(' '),
      state,
      code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      ...('issuer' in provider.place ? { nonce } : {}),
    });
    return url.href;
  }

  /**
   * Who has come back, from the code in the address they came to: signature, issuer, audience, times and nonce of the ID
   * token are checked, also where TLS alone would do.
   *
   * @throws SignInRefused
   */
  async identify(ctx: TenantContext, provider: Provider, cameTo: URL, checks: Checks): Promise<Vouched> {
    const client = await this.#clientOf(ctx, provider);
    try {
      return 'issuer' in provider.place
        ? await openId(client, provider, cameTo, checks)
        : await gitHub(client, provider.place, cameTo, checks);
    } catch (error) {
      throw error instanceof SignInRefused
        ? error
        : new SignInRefused(isNetwork(error) ? 'provider_unreachable' : 'provider_answer_refused', error);
    }
  }

  /** Made once for all who ask meanwhile. One that could not be made is not tried again for a minute, unless the provider is changed. */
  #clientOf(ctx: TenantContext, provider: Provider): Promise<oidc.Configuration> {
    const key = `${ctx.tenant.id}:${provider.id}:${provider.version}`;
    const known = this.#clients.get(key);
    if (known) return known;
    const made = this.#make(provider);
    this.#clients.set(key, made);
    made.catch(() => this.#clients.set(key, made, { ttl: FAILED_MS }));
    return made;
  }

  async #make({ clientId, clientSecret, place }: Provider): Promise<oidc.Configuration> {
    const auth = clientSecret === null ? oidc.None() : oidc.ClientSecretPost(clientSecret);
    return 'issuer' in place ? this.#discover(place.issuer, clientId, auth) : this.#plain(place, clientId, auth);
  }

  async #discover(issuer: string, clientId: string, auth: oidc.ClientAuth): Promise<oidc.Configuration> {
    const url = new URL(issuer);
    try {
      return await oidc.discovery(url, clientId, {}, auth, {
        [oidc.customFetch]: this.#fetch,
        timeout: TIMEOUT_SECONDS,
        execute: [oidc.enableNonRepudiationChecks, ...(this.outgoing.isAllowed(url) ? [allowPlainHttp] : [])],
      });
    } catch (error) {
      throw new SignInRefused('provider_unreachable', error);
    }
  }

  #plain(place: GitHubPlace, clientId: string, auth: oidc.ClientAuth): oidc.Configuration {
    const url = new URL(place.authorization);
    const server = {
      issuer: url.origin,
      authorization_endpoint: place.authorization,
      token_endpoint: place.token,
    };
    const client = new oidc.Configuration(server, clientId, {}, auth);
    client[oidc.customFetch] = this.#fetch;
    client.timeout = TIMEOUT_SECONDS;
    if (this.outgoing.isAllowed(url)) allowPlainHttp(client);
    return client;
  }

  readonly #fetch: oidc.CustomFetch = (url, { method, headers, body, signal }) =>
    this.outgoing.fetch(url, { method, headers, body: body as string | URLSearchParams | undefined, signal });
}

async function openId(client: oidc.Configuration, { kind }: Provider, cameTo: URL, checks: Checks): Promise<Vouched> {
  const tokens = await oidc.authorizationCodeGrant(client, cameTo, {
    expectedState: checks.state,
    expectedNonce: checks.nonce,
    pkceCodeVerifier: checks.codeVerifier,
    idTokenExpected: true,
  });
  const claims: Claims = tokens.claims()!;
  if (!lacksEmail(kind, claims) || !client.serverMetadata().userinfo_endpoint) return vouchedByClaims(kind, claims);
  const asked = oidc.fetchUserInfo(client, tokens.access_token, claims.sub);
  // Without it the address that is there is not proved, which somebody who was here before does not need.
  const more = await (claims.email === undefined ? asked : asked.catch(() => ({})));
  return vouchedByClaims(kind, completed(claims, more));
}

async function gitHub(client: oidc.Configuration, place: GitHubPlace, cameTo: URL, checks: Checks): Promise<Vouched> {
  const tokens = await oidc.authorizationCodeGrant(client, cameTo, {
    expectedState: checks.state,
    pkceCodeVerifier: checks.codeVerifier,
  });
  const ask = async <T>(address: string): Promise<T> => {
    const headers = new Headers({ accept: 'application/vnd.github+json', 'user-agent': 'projectflow' });
    const answer = await oidc.fetchProtectedResource(
      client,
      tokens.access_token,
      new URL(address),
      'GET',
      null,
      headers,
    );
    if (!answer.ok) throw new Error(`the API answers ${answer.status}`);
    return (await answer.json()) as T;
  };
  return vouchedByGitHub(await ask<GitHubUser>(place.user), await ask<GitHubEmail[]>(place.emails));
}

/** It did not come to an answer: as opposed to one that we do not believe. */
function isNetwork(error: unknown): boolean {
  const found = [error, error instanceof Error ? error.cause : undefined];
  return found.some(
    (each) =>
      each instanceof Error &&
      (each.name === 'OutgoingRefused' ||
        each.name === 'TimeoutError' ||
        ('syscall' in each && typeof each.syscall === 'string')),
  );
}
