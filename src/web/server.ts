/** The HTTP server: bounded in connections, headers and time, whoever speaks to it. */
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ListenAddress } from '../config/web.js';
import type { Log } from '../observe/log.js';
import type { Access } from './access.js';
import type { OriginGuard } from './origin.js';

const MAX_CONNECTIONS = 256;
const MAX_HEADER_BYTES = 16_384;
/** Milliseconds for the headers of a request, and for all of it. */
const HEADERS_TIMEOUT_MS = 5000;
const REQUEST_TIMEOUT_MS = 15_000;
const CHECK_INTERVAL_MS = 1000;
/** For a connection on which nothing moves, such as one of a client that reads no answer; longer than any answer takes to begin. */
const IDLE_TIMEOUT_MS = 30_000;
/** What a page says to us is short. */
const MAX_MESSAGE_BYTES = 1 << 14;
/** A port that another program has is tried again. */
const RETRY_MS = 5000;

export interface ServerParts {
  address: ListenAddress;
  // biome-ignore lint/suspicious/noExplicitAny: the bindings of the app are those of the listener.
  app: Hono<any>;
  guard: OriginGuard;
  access: Access;
  /** @param allowed Whether its session still stands. */
  onViewer: (socket: WebSocket, allowed: () => boolean) => void;
  log: Log;
}

export class WebServer {
  readonly #parts: ServerParts;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  #retry: NodeJS.Timeout | undefined;
  #lastProblem: string | undefined;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.#server = createServer(
      {
        maxHeaderSize: MAX_HEADER_BYTES,
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        connectionsCheckingInterval: CHECK_INTERVAL_MS,
      },
      getRequestListener(parts.app.fetch, { overrideGlobalObjects: false }),
    );
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.setTimeout(IDLE_TIMEOUT_MS);
    this.#server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head));
    this.#server.on('error', (error: NodeJS.ErrnoException) => this.#onError(error));
    this.#server.on('listening', () => {
      this.#lastProblem = undefined;
      parts.log.info(`the page is at ${this.url}`);
    });
  }

  get url(): string {
    const { host, port } = this.#parts.address;
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
  }

  /** Begins to listen; where it cannot, it says so once and tries again until it can. */
  start(): void {
    const { host, port } = this.#parts.address;
    this.#server.listen({ host, port });
  }

  /** Resolves when nobody is connected any more. */
  async stop(): Promise<void> {
    clearTimeout(this.#retry);
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #onError(error: NodeJS.ErrnoException): void {
    const { host, port } = this.#parts.address;
    const reason =
      error.code === 'EADDRINUSE'
        ? 'another program has this port'
        : error.code === 'EADDRNOTAVAIL'
          ? 'this machine does not have this address'
          : error.code === 'EACCES'
            ? 'this user may not take this port'
            : error.message;
    if (reason !== this.#lastProblem) {
      const remedy = 'WEB names another address or port';
      this.#parts.log.error(
        `there is no page at ${host}, port ${port}: ${reason}; trying again until it works`,
        {
          remedy,
        },
      );
    }
    this.#lastProblem = reason;
    if (!this.#server.listening) this.#retry = setTimeout(() => this.start(), RETRY_MS);
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { guard, access, onViewer } = this.#parts;
    // Whoever hangs up before the answer is no concern of ours.
    socket.on('error', () => {});
    const { headers } = request;
    const address = request.socket.remoteAddress ?? '';
    const allowed = () => access.verdict(headers, address) === 'allowed';
    if (!/^\/live(?:\?|$)/.test(request.url ?? '')) refuse(socket, 404);
    else if (guard.refusal(headers, true) !== undefined) refuse(socket, 403);
    else if (!allowed()) refuse(socket, 401);
    else this.#sockets.handleUpgrade(request, socket, head, (webSocket) => onViewer(webSocket, allowed));
  }
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  socket.once('finish', () => socket.destroy());
}
