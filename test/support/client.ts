/** An answer as a client sees it; `data`, `meta` and `error` are what the envelope or the problem holds. */
export interface Answer<T = any> {
  status: number;
  headers: Headers;
  body: any;
  data: T;
  meta: any;
  error: { code: string; message: string; details: { pointer: string; code: string; message: string }[] };
}

export interface CallOptions {
  headers?: Record<string, string>;
  body?: unknown;
}

/** Speaks HTTP to an app, as nobody or as somebody. */
export class Client {
  constructor(
    readonly url: string,
    readonly headers: Record<string, string> = {},
  ) {}

  with(headers: Record<string, string>): Client {
    return new Client(this.url, { ...this.headers, ...headers });
  }

  as(accessToken: string): Client {
    return this.with({ authorization: `Bearer ${accessToken}` });
  }

  get<T = any>(path: string, headers?: Record<string, string>): Promise<Answer<T>> {
    return this.call('GET', path, { headers });
  }

  post<T = any>(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<T>> {
    return this.call('POST', path, { body, headers });
  }

  put<T = any>(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<T>> {
    return this.call('PUT', path, { body, headers });
  }

  patch<T = any>(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<T>> {
    return this.call('PATCH', path, { body, headers });
  }

  delete<T = any>(path: string, headers?: Record<string, string>): Promise<Answer<T>> {
    return this.call('DELETE', path, { headers });
  }

  /** @param path below /api/v1, unless it begins with another known root */
  async call<T = any>(method: string, path: string, { headers = {}, body }: CallOptions = {}): Promise<Answer<T>> {
    const root = /^\/(?:health|ready|metrics|\.well-known|api)\b/.test(path) ? '' : '/api/v1';
    const isJson = body !== undefined && !(body instanceof FormData);
    const response = await fetch(this.url + root + path, {
      method,
      redirect: 'manual',
      headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...this.headers, ...headers },
      body: isJson && typeof body !== 'string' ? JSON.stringify(body) : body,
    });
    const text = await response.text();
    const json: any = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : null;
    return {
      status: response.status,
      headers: response.headers,
      body: json,
      data: json?.data,
      meta: json?.meta,
      error: json?.error,
    };
  }
}

/** @throws with the whole answer when the status is another one */
export function expectStatus<T>(answer: Answer<T>, status: number): Answer<T> {
  if (answer.status !== status)
    throw new Error(`expected ${status}, got ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer;
}
