/**
 * Whether the broker lets this node connect, publish and subscribe, for `ghostcam doctor`: with the last will, the retained
 * messages, the quality of service and the sizes that the daemon uses.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../clock.js';
import type { MqttConfig } from '../config/types.js';
import { connectionOptions } from './connection-options.js';
import { ConnectionTerms } from './connection-terms.js';
import { PacketTooLarge } from './delivery/size-errors.js';
import { explainBrokerError, isRefusal, reasonSentence } from './reason-sentences.js';
import { Session, type SessionEnd } from './session.js';
import { SizeSuspicion } from './size-suspicion.js';
import type { Topics } from './topics.js';

export interface ConnectionTest {
  /** Why no connection came about; undefined: it did. */
  connection?: string;
  /** Why the message that we published to ourselves did not arrive; undefined: it did. */
  exchange?: string;
  /** What works less well than it might, a sentence for each. */
  lacking: string[];
}

export interface ConnectionTestParts {
  config: MqttConfig;
  topics: Topics;
  /** Bytes of the largest message that the daemon may publish: a picture. */
  largestMessage: number;
  clock: Clock;
}

const ECHO_TIMEOUT_MS = 10_000;
/** Either version of MQTT, and a last will that asks for less twice. */
const MAX_ATTEMPTS = 4;

/** Connects under a client identifier of its own, so that a running daemon keeps its session. Never rejects. */
export async function testConnection({
  config,
  topics,
  largestMessage,
  clock,
}: ConnectionTestParts): Promise<ConnectionTest> {
  const terms = new ConnectionTerms(config, { topic: topics.nodeState, payload: 'offline' });
  try {
    const session = await open({ ...config, clientId: `${config.clientId}-doctor` }, terms, clock);
    try {
      const lacking = terms.lacking(session.limits);
      const small = await exchange(session, topics.doctor, randomBytes(16).toString('hex'));
      if (small !== undefined) return { exchange: small, lacking };
      const large = await exchange(session, topics.doctor, randomBytes(largestMessage / 2).toString('hex'));
      return { lacking: large === undefined ? lacking : [...lacking, tooLarge(large, largestMessage)] };
    } finally {
      // Orderly, or the broker would publish the last will, and the daemon that runs would be called offline.
      if (session.connected) await session.close(true);
    }
  } catch (error) {
    return { connection: (error as Error).message, lacking: [] };
  }
}

/** Rejects with an Error whose message says why there is no connection. */
async function open(config: MqttConfig, terms: ConnectionTerms, clock: Clock): Promise<ListeningSession> {
  let options: Awaited<ReturnType<typeof connectionOptions>>;
  try {
    options = await connectionOptions(config);
  } catch (error) {
    throw new Error(explainBrokerError(error as Error));
  }
  let end: SessionEnd | undefined;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const { version } = terms;
    const outcome = await ListeningSession.open(
      { ...options.shared, ...options.servers[0], ...terms.options },
      clock,
    );
    if (outcome instanceof ListeningSession) return outcome;
    end = outcome;
    if (!terms.failed(outcome, version)) break;
  }
  throw new Error(explain(end));
}

function explain(end: SessionEnd | undefined): string {
  if (end?.reasonCode !== undefined) return reasonSentence(end.reasonCode, end.serverReference);
  return end?.error === undefined ? 'the connection was closed' : explainBrokerError(end.error);
}

/** A session that remembers whether a message came back. */
class ListeningSession extends Session {
  expected: string | undefined;
  onEcho: () => void = () => {};

  static async open(options: ConstructorParameters<typeof Session>[0]['options'], clock: Clock) {
    return new Promise<ListeningSession | SessionEnd>((resolve) => {
      const session: ListeningSession = new ListeningSession({
        options,
        suspicion: new SizeSuspicion(clock),
        clock,
        onAccepted: () => resolve(session),
        onMessage: (_topic, payload) => {
          if (payload.toString() === session.expected) session.onEcho();
        },
      });
      void session.ended.then(resolve);
    });
  }
}

/** Publishes to ourselves as the daemon publishes a state, and clears it again. Returns why it did not arrive. */
async function exchange(
  session: ListeningSession,
  topic: string,
  payload: string,
): Promise<string | undefined> {
  try {
    await session.subscribe(topic);
  } catch {
    return `it does not let this user subscribe to ${topic}`;
  }
  session.expected = payload;
  const echo = new Promise<boolean>((resolve) => {
    session.onEcho = () => resolve(true);
  });
  const refused = `it does not let this user publish ${topic}`;
  try {
    await session.publish(topic, payload, { qos: 1, retain: true });
  } catch (error) {
    if (error instanceof PacketTooLarge) return error.message;
    return isRefusal(error as Error) ? refused : explain(await session.ended);
  }
  // A broker that speaks 3.1.1 acknowledges what it throws away.
  const arrived = await Promise.race([
    echo,
    session.ended.then(() => false),
    sleep(ECHO_TIMEOUT_MS, false, { ref: false }),
  ]);
  if (session.connected) await session.publish(topic, '', { qos: 1, retain: true });
  return arrived ? undefined : session.connected ? refused : explain(await session.ended);
}

function tooLarge(reason: string, bytes: number): string {
  return `a picture of ${Math.ceil(bytes / 1000)} kB does not get through (${reason}); raise its maximum packet size or lower CAMERA_SNAPSHOT_MAX_KB`;
}
