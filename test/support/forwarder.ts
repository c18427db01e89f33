/** A TCP port of the loopback interface that leads to another one while it is open. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class Forwarder {
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  /** @param target The other port. */
  static async open(target: number): Promise<Forwarder> {
    const forwarder = new Forwarder(target);
    await forwarder.open();
    return forwarder;
  }

  private constructor(target: number) {
    this.#target = target;
  }

  get port(): number {
    return this.#port;
  }

  /** Again on the same port, after close(). */
  async open(): Promise<void> {
    this.#server = createServer((client) => {
      const other = connect(this.#target, '127.0.0.1');
      for (const [socket, peer] of [[client, other] as const, [other, client] as const]) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.once('close', () => {
          this.#sockets.delete(socket);
          peer.destroySoon();
        });
        socket.pipe(peer);
      }
    });
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Ends all connections, and takes none. */
  close(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
