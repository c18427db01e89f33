/** What ffmpeg connects to in the camera's place: a server on the loopback interface, and the connections that belong to it. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

export class LoopbackServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Also when it is closed: of connections that are left somebody may ask. */
  #port = 0;

  /** @param serve Gets each connection, which is kept. */
  constructor(serve: (client: Socket) => void) {
    this.#server = createServer((client) => {
      this.keep(client);
      serve(client);
    });
  }

  /** On any free port. @throws Error: there is none. */
  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  get port(): number {
    return this.#port;
  }

  /** The connection, of ffmpeg or to the camera, ends with the server; what goes wrong with it is no more than its end. */
  keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** No more connections are taken. */
  close(): void {
    this.#server.close();
  }

  /** Ends all connections at once. */
  disconnect(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
