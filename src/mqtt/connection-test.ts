/**
 * Whether the broker lets this node connect, publish and subscribe, for `ghostcam doctor`: with the last will, the retained
 * messages, the quality of service and the sizes that the daemon uses.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../clock.js';
import type { MqttConfig } from '../config/types.js';
import { askToRetain, askToSubscribe, NotGranted } from './answer.js';
import { PacketTooLarge } from './delivery/size-errors.js';
import { SEE_BROKER } from './reason-sentences.js';
import type { Session } from './session.js';
import { explainEnd, openSession } from './single-session.js';
import type { Topics } from './topics.js';

export interface ConnectionTest {
  /** Why no connection came about; undefined: it did. */
  connection?: string;
  /** What the broker does not let this user do; undefined: nothing that it said. */
  access?: string;
  /** Why else the message that we published to ourselves did not arrive; undefined: it did. */
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
/** Of a message that every broker takes. */
const SMALL_BYTES = 32;

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
      const exchanged = (bytes: number) =>
        exchange(session, echo, topics.doctor, randomBytes(bytes / 2).toString('hex'));
      const small = await exchanged(SMALL_BYTES);
      if (small !== undefined) return { ...explained(small), lacking };
      const large = await exchanged(largestMessage);
      if (large === undefined) return { lacking };
      return { lacking: [...lacking, tooLarge(large.message, largestMessage)] };
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

/** Publishes to ourselves as the daemon publishes a state, and clears it again. Returns why it did not arrive. */
async function exchange(
  session: Session,
  echo: Echo,
  topic: string,
  payload: string,
): Promise<NotGranted | PacketTooLarge | undefined> {
  try {
    await askToSubscribe(session, topic);
    echo.expected = payload;
    const echoed = new Promise<boolean>((resolve) => {
      echo.onEcho = () => resolve(true);
    });
    await askToRetain(session, topic, payload);
    // A broker that speaks 3.1.1 acknowledges what it throws away.
    const arrived = await Promise.race([
      echoed,
      session.ended.then(() => false),
      sleep(ECHO_TIMEOUT_MS, false, { ref: false }),
    ]);
    if (session.connected) await askToRetain(session, topic, '');
    if (arrived) return undefined;
    // Some brokers grant a subscription and deliver nothing.
    const right = session.saysReasons ? 'read' : 'publish or read';
    if (session.connected) return new NotGranted('refused', `it does not let this user ${right} ${topic}`);
    return new NotGranted('ended', explainEnd(await session.ended));
  } catch (error) {
    if (error instanceof NotGranted || error instanceof PacketTooLarge) return error;
    throw error;
  }
}

function explained(problem: NotGranted | PacketTooLarge): Pick<ConnectionTest, 'access' | 'exchange'> {
  const { message } = problem;
  if (problem instanceof PacketTooLarge) return { exchange: message };
  if (problem.kind === 'refused') return { access: message };
  return { exchange: problem.kind === 'unanswered' ? `${message}; ${SEE_BROKER}` : message };
}

function tooLarge(reason: string, bytes: number): string {
  return `a picture of ${Math.ceil(bytes / 1000)} kB does not get through (${reason}); raise its maximum packet size or lower CAMERA_SNAPSHOT_MAX_KB`;
}
