import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Ask {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
}

const END_OF_HEAD = '\r\n\r\n';

/**
 * One keep-alive connection that asks one thing at a time. It reads no more of HTTP than our servers write, because a
 * full client would take more of the machine than what is measured.
 */
export class HttpConnection {
  readonly #socket: Socket;
  #received = '';
  #waiting: { resolve: (status: number) => void; reject: (error: Error) => void } | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (chunk: string) => this.#receive(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static async open(port: number): Promise<HttpConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new HttpConnection(socket);
  }

  get isBusy(): boolean {
    return this.#waiting !== null;
  }

  /** @returns the status @throws when the connection is lost */
  ask({ method, path, headers = {}, body }: Ask): Promise<number> {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const text = body === undefined ? '' : JSON.stringify(body);
    // Of ASCII alone, so that its characters are its bytes.
    if (text !== '') lines.push(`content-type: application/json\r\ncontent-length: ${text.length}\r\n`);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(`${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${lines.join('')}\r\n${text}`, 'latin1');
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: string): void {
    this.#received += chunk;
    const head = this.#received.indexOf(END_OF_HEAD);
    if (head < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#received.slice(0, head))?.[1] ?? 0);
    const end = head + END_OF_HEAD.length + length;
    if (this.#received.length < end) return;
    const status = Number(this.#received.slice(9, 12));
    this.#received = this.#received.slice(end);
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve(status);
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = null;
  }
}

/** Connections that are opened as they are needed, for one load. */
export class HttpClient {
  readonly #idle: HttpConnection[] = [];
  readonly #all: HttpConnection[] = [];

  constructor(private readonly port: number) {}

  /** @throws when the status is no success */
  get(path: string, headers?: Record<string, string>): Promise<void> {
    return this.ask({ method: 'GET', path, headers });
  }

  /** @throws when the status is no success */
  async ask(what: Ask): Promise<void> {
    const connection = this.#idle.pop() ?? (await this.#open());
    const status = await connection.ask(what);
    this.#idle.push(connection);
    if (status !== 200 && status !== 201) throw new Error(`${what.path} answered ${status}`);
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  async #open(): Promise<HttpConnection> {
    const connection = await HttpConnection.open(this.port);
    this.#all.push(connection);
    return connection;
  }
}
