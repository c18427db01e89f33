/** HTTP cameras as they are found, on one free port of the loopback interface: each path is another one. */
import { once } from 'node:events';
import {
  createServer as createPlainServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What a path answers. */
export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export class HttpCameras implements AsyncDisposable {
  readonly #server: Server;
  readonly #scheme: 'http' | 'https';
  /** Requests so far, by path. */
  readonly requests = new Map<string, number>();

  /** @param tls Key and certificate in PEM; undefined: plain HTTP. */
  static async start(
    answers: Record<string, Answer>,
    tls?: { key: string; cert: string },
  ): Promise<HttpCameras> {
    const cameras = new HttpCameras(answers, tls);
    cameras.#server.listen(0, '127.0.0.1');
    await once(cameras.#server, 'listening');
    return cameras;
  }

  private constructor(answers: Record<string, Answer>, tls: { key: string; cert: string } | undefined) {
    const listener = (request: IncomingMessage, response: ServerResponse) => {
      const path = new URL(request.url ?? '/', 'http://camera').pathname;
      this.requests.set(path, (this.requests.get(path) ?? 0) + 1);
      const answer = answers[path];
      if (answer === undefined) response.writeHead(404).end();
      else answer(response, request);
    };
    this.#scheme = tls ? 'https' : 'http';
    this.#server = tls ? createSecureServer(tls, listener) : createPlainServer(listener);
  }

  url(path: string, host = '127.0.0.1'): string {
    return `${this.#scheme}://${host}:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

export interface Dialect {
  contentType: string;
  /** The bytes of one picture on the wire. */
  part: (jpeg: Buffer) => Buffer;
  /** Pictures a second, default 10. */
  fps?: number;
}

/** JPEGs one after the other, in the words of a maker. */
export function motionJpeg(jpegs: readonly Buffer[], { contentType, part, fps = 10 }: Dialect): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': contentType });
    let n = 0;
    const timer = setInterval(() => {
      response.write(part(jpegs[n % jpegs.length] as Buffer));
      n += 1;
    }, 1000 / fps);
    response.once('close', () => clearInterval(timer));
  };
}

/** A header and a picture, with what a maker puts around them. */
export function part(before: string, jpeg: Buffer, after = '\r\n'): Buffer {
  return Buffer.concat([
    Buffer.from(before.replace('LENGTH', String(jpeg.length))),
    jpeg,
    Buffer.from(after),
  ]);
}
