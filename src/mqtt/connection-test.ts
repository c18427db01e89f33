/**
 * Whether the broker lets this node connect, publish and subscribe, for `ghostcam doctor`: with the last will, the retained
 * messages, the quality of service and the sizes that the daemon uses.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../clock.js';
import type { MqttConfig } from '../config/types.js';
import { answered, Unanswered } from './answer.js';
import { PacketTooLarge } from './delivery/size-errors.js';
import { isRefusal } from './reason-sentences.js';
import type { Session } from './session.js';
import { explainEnd, openSession } from './single-session.js';
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

/** Connects under a client identifier of its own, so that a running daemon keeps its session. Never rejects. */
export async function testConnection({
  config,
  topics,
  largestMessage,
  clock,
}: ConnectionTestParts): Promise<ConnectionTest> {
  try {
    const echo: Echo = { expected: undefined, onEcho: () => {} };
    const { session, terms } = await openSession({
      config: { ...config, clientId: `${config.clientId}-doctor` },
      will: { topic: topics.nodeState, payload: 'offline' },
      onMessage: (_topic, payload) => {
        if (payload.toString() === echo.expected) echo.onEcho();
      },
      clock,
    });
    try {
      const lacking = terms.lacking(session.limits);
      const small = await exchange(session, echo, topics.doctor, randomBytes(16).toString('hex'));
      if (small !== undefined) return { exchange: small, lacking };
      const large = await exchange(
        session,
        echo,
        topics.doctor,
        randomBytes(largestMessage / 2).toString('hex'),
      );
      return { lacking: large === undefined ? lacking : [...lacking, tooLarge(large, largestMessage)] };
    } finally {
      // Orderly, or the broker would publish the last will, and the daemon that runs would be called offline.
      if (session.connected) await session.close(true);
    }
  } catch (error) {
    return { connection: (error as Error).message, lacking: [] };
  }
}

/** What is expected to come back, and who hears when it has. */
interface Echo {
  expected: string | undefined;
  onEcho(): void;
}

/** Publishes to ourselves as the daemon publishes a state, and clears it again. Returns why it did not arrive. Rejects with Unanswered. */
async function exchange(
  session: Session,
  echo: Echo,
  topic: string,
  payload: string,
): Promise<string | undefined> {
  try {
    await answered(session.subscribe(topic), 'a subscription');
  } catch (error) {
    if (error instanceof Unanswered) throw error;
    return `it does not let this user subscribe to ${topic}`;
  }
  echo.expected = payload;
  const echoed = new Promise<boolean>((resolve) => {
    echo.onEcho = () => resolve(true);
  });
  const refused = `it does not let this user publish ${topic}`;
  try {
    await answered(session.publish(topic, payload, { qos: 1, retain: true }), 'a message at QoS 1');
  } catch (error) {
    if (error instanceof Unanswered) throw error;
    if (error instanceof PacketTooLarge) return error.message;
    return isRefusal(error as Error) ? refused : explainEnd(await session.ended);
  }
  // A broker that speaks 3.1.1 acknowledges what it throws away.
  const arrived = await Promise.race([
    echoed,
    session.ended.then(() => false),
    sleep(ECHO_TIMEOUT_MS, false, { ref: false }),
  ]);
  if (session.connected)
    await answered(session.publish(topic, '', { qos: 1, retain: true }), 'a message at QoS 1');
  return arrived ? undefined : session.connected ? refused : explainEnd(await session.ended);
}

function tooLarge(reason: string, bytes: number): string {
  return `a picture of ${Math.ceil(bytes / 1000)} kB does not get through (${reason}); raise its maximum packet size or lower CAMERA_SNAPSHOT_MAX_KB`;
}
