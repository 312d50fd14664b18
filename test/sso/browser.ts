import type { TestApp } from '../support/app.ts';
import { Client, expectStatus, type Answer } from '../support/client.ts';
import type { TestTenant } from '../support/tenant.ts';

/** Where applications live in these tests; nobody answers there, the browser stops before it. */
export const APPLICATION = 'http://localhost:3000';

export interface Stop {
  status: number;
  /** Where the browser is sent next; null when it stays. */
  location: URL | null;
  body: any;
  cookies: string[];
}

/** Keeps cookies by origin and goes where it is sent, one step at a time. */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  async step(address: string | URL): Promise<Stop> {
    const url = new URL(address);
    const jar = this.#cookies.get(url.origin) ?? new Map<string, string>();
    this.#cookies.set(url.origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { redirect: 'manual', headers: cookie ? { cookie } : {} });
    const cookies = answer.headers.getSetCookie();
    for (const each of cookies) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(each)!;
      if (value === '' || /max-age=0/i.test(each)) jar.delete(name!);
      else jar.set(name!, value!);
    }
    const location = answer.headers.get('location');
    const text = await answer.text();
    const body: unknown = text.startsWith('{') ? JSON.parse(text) : text;
    return { status: answer.status, location: location === null ? null : new URL(location, url), body, cookies };
  }

  /** Follows redirects until it would come to the application, or is not sent on. */
  async follow(address: string | URL): Promise<Stop> {
    let stop = await this.step(address);
    for (let i = 0; i < 20 && stop.location && stop.location.origin !== APPLICATION; i += 1)
      stop = await this.step(stop.location);
    return stop;
  }

  /** Cookies that it holds for an origin. */
  count(origin: string): number {
    return this.#cookies.get(origin)?.size ?? 0;
  }
}

/** The address at which a sign-in begins. */
export function beginning(app: TestApp, tenant: TestTenant, provider: string, more: Record<string, string> = {}): URL {
  const query = new URLSearchParams({ tenant: tenant.slug, returnTo: `${APPLICATION}/welcome?from=mail`, ...more });
  return new URL(`${app.url}/api/v1/auth/oauth/${provider}?${query.toString()}`);
}

/** What the application finds in its address. */
export function broughtBack({ status, location, body }: Stop): { code: string | null; error: string | null } {
  if (status !== 302 || location?.origin !== APPLICATION)
    throw new Error(`not sent back: ${status} ${JSON.stringify(body)}`);
  if (location.searchParams.get('from') !== 'mail') throw new Error(`not to where it wanted: ${location.href}`);
  return { code: location.searchParams.get('signInCode'), error: location.searchParams.get('signInError') };
}

export function exchange(app: TestApp, code: string | null, more: object = {}): Promise<Answer> {
  return new Client(app.url).post('/auth/oauth/exchange', { code, ...more });
}

/** The whole way, and who is signed in at its end. */
export async function signInBy(
  app: TestApp,
  tenant: TestTenant,
  provider: string,
  browser = new Browser(),
): Promise<any> {
  const { code, error } = broughtBack(await browser.follow(beginning(app, tenant, provider)));
  if (code === null) throw new Error(`signed in as nobody: ${error}`);
  return expectStatus(await exchange(app, code), 200).data;
}

export async function refusalBy(app: TestApp, tenant: TestTenant, provider: string): Promise<string | null> {
  return broughtBack(await new Browser().follow(beginning(app, tenant, provider))).error;
}

/** A provider of the organisation, made by its owner. */
export async function addProvider(tenant: TestTenant, fields: object): Promise<any> {
  return expectStatus(await tenant.owner.post('/tenants/current/sign-in-providers', fields), 201).data;
}
