/** One connection to a broker under a client identifier of its own, for commands: a running daemon keeps its session. */
import type { Clock } from '../clock.js';
import type { MqttConfig } from '../config/types.js';
import { connectionOptions } from './connection-options.js';
import type { ConnectionTerms } from './connection-terms.js';
import { CLOSED_WITHOUT_ANSWER, explainBrokerError, reasonSentence } from './reason-sentences.js';
import { Session, type SessionEnd, type SessionParts } from './session.js';
import { SizeSuspicion } from './size-suspicion.js';

/** Either version of MQTT, and a last will that asks for less twice. */
const MAX_ATTEMPTS = 4;

export interface SingleSessionParts {
  /** With the client identifier to be used. */
  config: MqttConfig;
  /** Of the first server alone, the one that is tried. */
  terms: ConnectionTerms;
  onMessage: SessionParts['onMessage'];
  clock: Clock;
}

/** Resolves when the broker has accepted the connection. Rejects with an Error whose message says why there is none. */
export async function openSession({ config, terms, onMessage, clock }: SingleSessionParts): Promise<Session> {
  let options: Awaited<ReturnType<typeof connectionOptions>>;
  try {
    options = await connectionOptions(config);
  } catch (error) {
    throw new Error(explainBrokerError(error as Error));
  }
  let end: SessionEnd | undefined;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const tried = { version: terms.version, server: 0 };
    const outcome = await new Promise<Session | SessionEnd>((resolve) => {
      const session: Session = new Session({
        options: { ...options.shared, ...options.servers[tried.server], ...terms.optionsFor(tried.server) },
        suspicion: new SizeSuspicion(clock),
        clock,
        onAccepted: () => resolve(session),
        onMessage,
      });
      void session.ended.then(resolve);
    });
    if (outcome instanceof Session) return outcome;
    end = outcome;
    if (!terms.failed(outcome, tried)) break;
  }
  throw new Error(explainEnd(end));
}

/** The settings with the one server that {@link openSession} tries: so either version of MQTT is tried at it. */
export function ofFirstServer(config: MqttConfig): MqttConfig {
  return { ...config, servers: [config.servers[0]] };
}

/** Why a session is over, or never came to be. */
export function explainEnd(end: SessionEnd | undefined): string {
  if (end?.reasonCode !== undefined) return reasonSentence(end.reasonCode, end.serverReference);
  if (end?.error !== undefined) return explainBrokerError(end.error);
  return end?.accepted === true ? 'the connection was closed' : CLOSED_WITHOUT_ANSWER;
}
