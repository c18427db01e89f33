/** A board under test: a broker of its own, its subscribers, and daemons that end with the test. */
import { connectAsync, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { Daemon } from './ghostcam.js';
import { Mosquitto, type MosquittoOptions } from './mosquitto.js';

/** Somebody who listens from the moment of the call on. */
export interface Subscriber {
  client: MqttClient;
  /** Of each topic, as text; empty: it was cleared. */
  newest: Map<string, string>;
}

export class Board {
  readonly broker: Mosquitto;
  readonly #cleanUp: (() => Promise<unknown> | undefined)[] = [];

  static async start(options: MosquittoOptions = {}): Promise<Board> {
    return new Board(await Mosquitto.start(options));
  }

  private constructor(broker: Mosquitto) {
    this.broker = broker;
    this.defer(() => broker.dispose());
  }

  /** Runs a daemon as `board` at this broker until the test ends. */
  daemon(environment: Record<string, string>): Daemon {
    const daemon = new Daemon({ NODE_ID: 'board', MQTT_URL: this.broker.url, ...environment });
    this.defer(() => daemon.kill());
    return daemon;
  }

  /** @param onMessage Called with each message, beside `newest`. */
  async subscribe(
    filter: string | string[] = 'ghostcam/#',
    onMessage: (topic: string, payload: Buffer, packet: IPublishPacket) => void = () => {},
    options: IClientOptions = {},
  ): Promise<Subscriber> {
    const client = await connectAsync(this.broker.url, options);
    this.defer(() => client.endAsync(true));
    const newest = new Map<string, string>();
    client.on('message', (topic, payload, packet) => {
      newest.set(topic, payload.toString());
      onMessage(topic, payload, packet);
    });
    await client.subscribeAsync(filter);
    return { client, newest };
  }

  /** Undone when the test ends, the newest first. */
  defer(step: () => Promise<unknown> | undefined): void {
    this.#cleanUp.push(step);
  }

  async dispose(): Promise<void> {
    for (const step of this.#cleanUp.splice(0).reverse()) await step();
  }
}
