/** A broker that misbehaves on demand, on a real socket: it reads the client's CONNECT and does what the test says. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** @param level Protocol level of the client's CONNECT: 4 is MQTT 3.1.1, 5 is MQTT 5. */
export type Behaviour = (socket: Socket, level: number, connectPacket: Buffer) => void;

export class ScriptedBroker {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Protocol levels of the CONNECTs so far. */
  readonly levels: number[] = [];

  static async start(behaviour: Behaviour): Promise<ScriptedBroker> {
    const broker = new ScriptedBroker(behaviour);
    broker.#server.listen(0, '127.0.0.1');
    await once(broker.#server, 'listening');
    return broker;
  }

  private constructor(behaviour: Behaviour) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.once('data', (packet) => {
        const level = levelOf(packet);
        this.levels.push(level);
        behaviour(socket, level, packet);
      });
    });
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async dispose(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** After the fixed header come the protocol's name, `MQTT` with its length, and the level (MQTT 5, 3.1.2). */
function levelOf(packet: Buffer): number {
  return packet[packet.indexOf('MQTT') + 4] as number;
}

/** Hands the connection over to a real broker. */
export function forward(socket: Socket, connectPacket: Buffer, port: number): void {
  const upstream = connect(port, '127.0.0.1', () => {
    upstream.write(connectPacket);
    socket.pipe(upstream).pipe(socket);
  });
  upstream.on('error', () => socket.destroy());
  socket.on('close', () => upstream.destroy());
}

/** CONNACK with a reason code (MQTT 5, 3.2; without properties in MQTT 3.1.1). */
export function connack(code: number, level: number): Buffer {
  return Buffer.from(level === 5 ? [0x20, 3, 0, code, 0] : [0x20, 2, 0, code]);
}

/** DISCONNECT with a reason code (MQTT 5, 3.14). */
export function disconnect(code: number): Buffer {
  return Buffer.from([0xe0, 2, code, 0]);
}

/** What a broker does that does half of its work; what it is sent otherwise it does not answer. */
export interface Half {
  /** It grants subscriptions. */
  subscribes?: boolean;
  /** It closes the connection at the first of these. */
  ends?: 'subscription' | 'publication';
}

const PUBLISH = 3;
const SUBSCRIBE = 8;

/** Accepts every connection. The first packet in what arrives at once is the one that counts. */
export function halfBroker({ subscribes, ends }: Half): Behaviour {
  return (socket, level) => {
    socket.write(connack(0, level));
    socket.on('data', (packet) => {
      const [type, identifier] = [(packet[0] ?? 0) >> 4, packet.subarray(2, 4)];
      if (type === (ends === 'subscription' ? SUBSCRIBE : PUBLISH) && ends !== undefined) socket.end();
      else if (type === SUBSCRIBE && subscribes)
        socket.write(Buffer.from(level === 5 ? [0x90, 4, ...identifier, 0, 1] : [0x90, 3, ...identifier, 1]));
    });
  };
}

/** Calls back with type, flags and body of each packet after the first. */
export function onPackets(
  socket: Socket,
  listener: (type: number, flags: number, body: Buffer) => void,
): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      let length = 0;
      let at = 1;
      for (let shift = 0; ; shift += 7, at++) {
        const byte = rest[at];
        if (byte === undefined) return;
        length |= (byte & 0x7f) << shift;
        if (byte < 0x80) break;
      }
      const end = at + 1 + length;
      if (rest.length < end) return;
      const [first = 0] = rest;
      listener(first >> 4, first & 15, rest.subarray(at + 1, end));
      rest = rest.subarray(end);
    }
  });
}
