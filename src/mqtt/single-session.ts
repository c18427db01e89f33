/** One connection to a broker under a client identifier of its own, for commands: a running daemon keeps its session. */
import type { BrokerAddress } from '../address/broker.js';
import type { Clock } from '../clock.js';
import type { MqttConfig } from '../config/types.js';
import { type ConnectionOptions, connectionOptions } from './connection-options.js';
import { ConnectionTerms, type LastWill } from './connection-terms.js';
import { CLOSED_WITHOUT_ANSWER, explainBrokerError, reasonSentence } from './reason-sentences.js';
import { Session, type SessionEnd, type SessionParts } from './session.js';
import { SizeSuspicion } from './size-suspicion.js';

/** Either version of MQTT, and a last will that asks for less twice. */
const MAX_ATTEMPTS = 4;

export interface SingleSessionParts {
  /** With the client identifier to be used. */
  config: MqttConfig;
  will: LastWill;
  onMessage: SessionParts['onMessage'];
  clock: Clock;
}

export interface SingleSession {
  session: Session;
  /** What was asked of the broker that accepted it. */
  terms: ConnectionTerms;
}

/**
 * Resolves when a server of the broker, the first that does, has accepted the connection. Rejects with an Error whose message says why
 * none has.
 */
export async function openSession(parts: SingleSessionParts): Promise<SingleSession> {
  const { config } = parts;
  const options = await connectionOptions(config).catch((error: Error) => {
    throw new Error(explainBrokerError(error));
  });
  const reasons: string[] = [];
  for (const [index, address] of config.servers.entries()) {
    const outcome = await openAt(address, { ...options.shared, ...options.servers[index] }, parts);
    if ('session' in outcome) return outcome;
    const reason = explainEnd(outcome);
    reasons.push(config.servers.length === 1 ? reason : `${address.display()}: ${reason}`);
  }
  throw new Error(reasons.join('; '));
}

/** Either version of MQTT is tried at the server, whatever was learned of others. @param options That lead to it. */
async function openAt(
  address: BrokerAddress,
  options: ConnectionOptions['shared'],
  { config, will, onMessage, clock }: SingleSessionParts,
): Promise<SingleSession | SessionEnd> {
  const terms = new ConnectionTerms({ version: config.version, servers: [address] }, will);
  for (let attempts = 1; ; attempts++) {
    const tried = { version: terms.version, server: 0 };
    const outcome = await new Promise<Session | SessionEnd>((resolve) => {
      const session: Session = new Session({
        options: { ...options, ...terms.optionsFor(tried.server) },
        suspicion: new SizeSuspicion(clock),
        clock,
        onAccepted: () => resolve(session),
        onMessage,
      });
      void session.ended.then(resolve);
    });
    if (outcome instanceof Session) return { session: outcome, terms };
    if (!terms.failed(outcome, tried) || attempts === MAX_ATTEMPTS) return outcome;
  }
}

/** Why a session is over, or never came to be. */
export function explainEnd({ accepted, reasonCode, serverReference, error }: SessionEnd): string {
  if (reasonCode !== undefined) return reasonSentence(reasonCode, serverReference);
  if (error !== undefined) return explainBrokerError(error, accepted);
  return accepted ? 'the connection was closed' : CLOSED_WITHOUT_ANSWER;
}
