import { Inject, Injectable } from '@nestjs/common';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Logger } from 'pino';
import { AuthService } from '../auth/auth.service.ts';
import type { SignedIn } from '../auth/auth.types.ts';
import type { Caller } from '../platform/access/caller.ts';
import { audit } from '../platform/audit/audit.ts';
import { auditHourly } from '../platform/audit/hourly.ts';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import { addressKey } from '../platform/mail/canonical-address.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { formatTenantSecret, hashSecret } from '../platform/tokens/tenant-secret.ts';
import { SignInProvidersService } from '../sign-in-providers/sign-in-providers.service.ts';
import type { Provider, ProviderSummary } from '../sign-in-providers/sign-in-providers.types.ts';
import { cookieName } from './cookies.rules.ts';
import { IdentitiesService } from './identities.service.ts';
import {
  HostRefused,
  ReturnRefused,
  ReturnTooLong,
  SignInAttemptRefused,
  SignInCodeRefused,
  SignInRefused,
} from './oauth.errors.ts';
import type { Departure, Return } from './oauth.types.ts';
import { ProviderClients } from './provider-clients.service.ts';
import { SignInTokens, type SignInAttempt } from './sign-in-tokens.service.ts';

/** What the texts begin with that a browser brings back: the state of an attempt, and the code at its end. */
const [STATE, CODE] = ['pfs', 'pfc'];
/** Characters, percent-encoded. Kept with the attempt, whose row is small. */
const LONGEST_RETURN = 2_000;
/** RFC 1035, 2.3.4, with a colon and a port. */
const LONGEST_HOST = 255 + 6;
const ATTEMPT_MS = 10 * 60_000;
/** The application exchanges it as soon as the browser is back. */
const CODE_MS = 60_000;

/** Signing in at somebody else: there, back again, and the exchange for tokens. */
@Injectable()
export class OAuthService {
  constructor(
    private readonly contexts: TenantContexts,
    private readonly providers: SignInProvidersService,
    private readonly clients: ProviderClients,
    private readonly identities: IdentitiesService,
    private readonly tokens: SignInTokens,
    private readonly auth: AuthService,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  list(ctx: TenantContext): Promise<ProviderSummary[]> {
    return this.providers.listEnabled(ctx);
  }

  /** Where to send the browser, and what it has to keep. @throws SignInProviderMissing, ReturnRefused, ReturnTooLong, HostRefused */
  async begin(
    ctx: TenantContext,
    key: string,
    { returnTo: wanted, codeChallenge, origin }: { returnTo?: string; codeChallenge?: string; origin: string },
  ): Promise<Departure> {
    const returnTo = this.#demandReturn(wanted);
    const site = this.#siteOf(origin);
    const provider = await this.providers.getUsable(ctx, key);
    const state = formatTenantSecret(STATE, ctx.tenant.id);
    const browser = randomBytes(32).toString('base64url');
    const redirectUri = new URL(`/api/v1/auth/oauth/${key}/callback`, site).href;
    try {
      const location = await this.clients.authorizationUrl(ctx, provider, redirectUri, this.tokens.checksOf(state));
      const attempt = {
        providerId: provider.id,
        browserHash: hashSecret(browser),
        returnTo,
        redirectUri,
        codeChallenge: codeChallenge ?? null,
      };
      await this.tokens.keepAttempt(ctx, state, attempt, new Date(Date.now() + ATTEMPT_MS));
      const secure = redirectUri.startsWith('https:');
      return {
        location,
        cookie: { name: cookieName(hashSecret(state), secure), value: browser, secure, seconds: ATTEMPT_MS / 1_000 },
      };
    } catch (error) {
      return { location: await this.#refuse(ctx, provider, returnTo, error), cookie: null };
    }
  }

  /**
   * Where to send the browser that has come back: to the application, with a code or with what went wrong.
   *
   * @throws SignInAttemptRefused for a state that is not this browser's, TenantMismatch, SignInProviderMissing
   */
  async complete(
    key: string,
    { query, cookieOf }: Return,
    addressed: Tenant | null,
    caller: Caller,
  ): Promise<{ location: string; cookie: { name: string; secure: boolean } }> {
    const state = query.get('state') ?? '';
    const ctx = await this.contexts.openBySecret(STATE, state, addressed, caller);
    const attempt = ctx && (await this.tokens.takeAttempt(ctx, state));
    const secure = attempt?.redirectUri.startsWith('https:') ?? false;
    const name = cookieName(hashSecret(state), secure);
    const browser = cookieOf(name);
    if (!ctx || !attempt || browser === null || !timingSafeEqual(attempt.browserHash, hashSecret(browser)))
      throw new SignInAttemptRefused();
    const provider = await this.providers.getUsable(ctx, key);
    if (provider.id !== attempt.providerId) throw new SignInAttemptRefused();
    const location = await this.#finish(ctx, provider, attempt, query, state).catch((error: unknown) =>
      this.#refuse(ctx, provider, attempt.returnTo, error),
    );
    return { location, cookie: { name, secure } };
  }

  /**
   * @param verifier of the challenge that the application began with; one for a code without a challenge is refused too,
   *   because then it was somebody else who began
   * @throws SignInCodeRefused, TenantMismatch
   */
  async exchange(
    { code, codeVerifier }: { code: string; codeVerifier?: string },
    addressed: Tenant | null,
    caller: Caller,
  ): Promise<SignedIn> {
    const ctx = await this.contexts.openBySecret(CODE, code, addressed, caller);
    const found = ctx && (await this.tokens.takeCode(ctx, code));
    // S256 of RFC 7636.
    const challenge = codeVerifier === undefined ? null : hashSecret(codeVerifier).toString('base64url');
    if (!ctx || !found || found.codeChallenge !== challenge) throw new SignInCodeRefused();
    const { userId, providerId } = found;
    const details = { providerId };
    await audit(ctx, { action: 'sign_in.by_provider', target: { type: 'user', id: userId }, details });
    return this.auth.signIn(ctx, userId, caller, 'sign-in provider');
  }

  async #finish(
    ctx: TenantContext,
    provider: Provider,
    attempt: SignInAttempt,
    query: URLSearchParams,
    state: string,
  ): Promise<string> {
    const refusal = query.get('error');
    if (refusal !== null) throw new SignInRefused(refusal === 'access_denied' ? 'access_denied' : 'provider_refused');
    const cameTo = new URL(attempt.redirectUri);
    cameTo.search = query.toString();
    const vouched = await this.clients.identify(ctx, provider, cameTo, this.tokens.checksOf(state));
    const userId = await this.identities.resolve(ctx, provider, vouched);
    const code = formatTenantSecret(CODE, ctx.tenant.id);
    const signedIn = { providerId: provider.id, userId, codeChallenge: attempt.codeChallenge };
    await this.tokens.keepCode(ctx, code, signedIn, new Date(Date.now() + CODE_MS));
    return withParameter(attempt.returnTo, 'signInCode', code);
  }

  /** An address of an application that may call the API; the first of these when none is given. */
  #demandReturn(wanted: string | undefined): string {
    const [first] = this.config.ALLOWED_ORIGINS;
    const text = wanted ?? first;
    if (text === undefined || !URL.canParse(text)) throw new ReturnRefused();
    const url = new URL(text);
    const isHttp = url.protocol === 'https:' || url.protocol === 'http:';
    if (!isHttp || url.username !== '' || url.password !== '' || !this.config.ALLOWED_ORIGINS.includes(url.origin))
      throw new ReturnRefused();
    if (url.href.length > LONGEST_RETURN) throw new ReturnTooLong(LONGEST_RETURN);
    return url.href;
  }

  /** Where the provider sends the browser back to: an installation that does not know its address goes by what it was called. */
  #siteOf(origin: string): string {
    const site = this.config.PUBLIC_URL ?? origin;
    if (!URL.canParse(site) || new URL(site).host.length > LONGEST_HOST) throw new HostRefused();
    return site;
  }

  /** What went wrong goes to the log; the browser takes a word of ours back, and nothing that the provider has said. */
  async #refuse(ctx: TenantContext, provider: Provider, returnTo: string, error: unknown): Promise<string> {
    if (!(error instanceof SignInRefused)) throw error as Error;
    const { refusal, cause, email } = error;
    const reason = reasonOf(cause);
    this.log.warn({ tenant: ctx.tenant.slug, provider: provider.key, refusal, reason }, 'a sign-in was refused');
    const target = { type: 'sign_in_provider', id: provider.id };
    const key = `${refusal} ${email === null ? '' : addressKey(email)}`;
    await auditHourly(ctx, { action: 'sign_in.refused', target, details: { reason: refusal } }, key);
    return withParameter(returnTo, 'signInError', refusal);
  }
}

function withParameter(address: string, name: string, value: string): string {
  const url = new URL(address);
  url.searchParams.set(name, value);
  return url.href;
}

/** Our library's sentence, and the provider's word for it; not its sentences, which may hold what somebody sent there. */
function reasonOf(cause: unknown): object | undefined {
  if (!(cause instanceof Error)) return undefined;
  const word = 'error' in cause && typeof cause.error === 'string' ? cause.error.slice(0, 100) : undefined;
  return { name: cause.name, message: cause.message, word };
}
