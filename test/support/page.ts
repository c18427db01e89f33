/** A daemon with its page, and requests to it as browsers, scripts and strangers make them. */
import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http';
import { vi } from 'vitest';
import type { CamerasAnswer } from '../../src/web/api.js';
import type { Board } from './board.js';
import type { Daemon } from './ghostcam.js';
import { freeTcpPort } from './ports.js';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export class Page {
  readonly port: number;
  readonly daemon: Daemon;

  /** Resolves when its cameras are online. */
  static async start(board: Board, environment: Record<string, string>): Promise<Page> {
    const port = await freeTcpPort();
    return Page.of(port, board.daemon({ WEB: `127.0.0.1:${port}`, ...environment }));
  }

  /** Of a daemon whose settings have this port. Resolves when its cameras are online. */
  static async of(port: number, daemon: Daemon): Promise<Page> {
    const page = new Page(port, daemon);
    await vi.waitFor(async () => {
      const status = await page.get('/healthz').then(
        (answer) => answer.status,
        (error: Error) => error.message,
      );
      if (status !== 200) throw new Error(`no frame is inferred (${status}): ${page.daemon.output}`);
    }, SOON);
    return page;
  }

  private constructor(port: number, daemon: Daemon) {
    this.port = port;
    this.daemon = daemon;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask({ path, headers });
  }

  /** A body that is no text is sent as JSON. */
  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.ask(
      { method: 'POST', path, headers: { 'content-type': 'application/json', ...headers } },
      text,
    );
  }

  /** What node:http sends as it is told, Host and nonsense included. */
  ask(options: RequestOptions, body?: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: this.port, agent: false, ...options }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(parts),
          });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  delete(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask({ method: 'DELETE', path, headers });
  }

  async cameras(headers: Record<string, string> = {}): Promise<CamerasAnswer> {
    return JSON.parse((await this.get('/api/cameras', headers)).body.toString());
  }
}

export const SOON = { timeout: 60_000, interval: 50 };

/** HTTP's Basic authentication. */
export function basic(password: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`any:${password}`).toString('base64')}` };
}
