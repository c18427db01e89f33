import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';

/** A camera that speaks HTTP, on a free port of the loopback interface: /mjpeg is a picture over and over, /hls/ a folder. */
export class HttpCamera implements AsyncDisposable {
  readonly #server: Server;

  /** @param jpeg The picture. @param hls The folder of a playlist and its segments. */
  static async start(jpeg: Buffer, hls: string): Promise<HttpCamera> {
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://camera').pathname;
      if (path === '/mjpeg') {
        response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=picture' });
        const send = () => {
          response.write(`--picture\r\ncontent-type: image/jpeg\r\ncontent-length: ${jpeg.length}\r\n\r\n`);
          response.write(jpeg);
          response.write('\r\n');
        };
        const timer = setInterval(send, 100);
        response.once('close', () => clearInterval(timer));
      } else if (path.startsWith('/hls/')) {
        createReadStream(join(hls, basename(path)))
          .on('error', () => response.writeHead(404).end())
          .pipe(response);
      } else {
        response.writeHead(404).end();
      }
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new HttpCamera(server);
  }

  private constructor(server: Server) {
    this.#server = server;
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
