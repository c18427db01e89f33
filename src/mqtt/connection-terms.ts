/**
 * What a connection asks of the broker: the version of MQTT, the last will, and an answer in time. All give way to what the broker
 * cannot do.
 */
import type { MqttConfig } from '../config/types.js';
import { type BrokerLimits, NO_LIMITS } from './limits.js';
import { type MqttVersion, ProtocolVersion } from './protocol-version.js';
import { isSilence, isUnsupportedVersion, REASON, reasonSentence } from './reason-sentences.js';
import type { SessionEnd } from './session.js';

export interface LastWill {
  topic: string;
  payload: string;
}

const ANSWER_MS = 10_000;
/** A broker that reads what it has kept, or whose machine is busy, may take so long; a host that is gone costs as much. */
const MAX_ANSWER_MS = 40_000;
/** One in each version of MQTT. */
const ATTEMPTS_AT_EACH_SERVER = 2;

/** What was tried. */
export interface Attempt {
  version: MqttVersion;
  /** Index of the server in the settings. */
  server: number;
}

export class ConnectionTerms {
  readonly #will: LastWill;
  readonly #version: ProtocolVersion;
  #willQos: 0 | 1 = 1;
  #willRetained = true;
  /** Of each server, the attempts that were not answered in time. */
  readonly #silences: number[];

  constructor({ version, servers }: Pick<MqttConfig, 'version' | 'servers'>, will: LastWill) {
    this.#will = will;
    this.#silences = servers.map(() => 0);
    this.#version = new ProtocolVersion(version, servers.length);
  }

  /** Of the next attempt. */
  get version(): MqttVersion {
    return this.#version.next;
  }

  /** As options of mqtt.js, for an attempt at this server. */
  optionsFor(server: number) {
    const { topic, payload } = this.#will;
    return {
      protocolVersion: this.version === '5' ? (5 as const) : (4 as const),
      will: { topic, payload: Buffer.from(payload), qos: this.#willQos, retain: this.#willRetained },
      connectTimeout: this.#answerMs(server),
    };
  }

  /** Longer for a server that was silent in both versions, again and again: it may be slow. */
  #answerMs(server: number): number {
    const rounds = Math.floor((this.#silences[server] ?? 0) / ATTEMPTS_AT_EACH_SERVER);
    return Math.min(MAX_ANSWER_MS, ANSWER_MS * (1 + rounds));
  }

  accepted({ version, server }: Attempt): void {
    // A slow server gets its time on the next connection too; for one that is gone none is lost while another answers.
    for (const other of this.#silences.keys()) if (other !== server) this.#silences[other] = 0;
    this.#version.connected(version);
  }

  /**
   * Learns from an attempt that was not accepted.
   * @returns Whether the next attempt asks for less, so that the failure need not be reported.
   */
  failed({ reasonCode, error }: SessionEnd, { version, server }: Attempt): boolean {
    if (error !== undefined && isSilence(error)) this.#silences[server] = (this.#silences[server] ?? 0) + 1;
    if (reasonCode === undefined) {
      // The broker took the connection of the transport, and sent no MQTT over it.
      if (error !== undefined && !isSilence(error)) return false;
      const retry = version === '5' && this.#version.isOpen;
      this.#version.unanswered();
      return retry;
    }
    if (isUnsupportedVersion(reasonCode) && version === '5' && this.#version.isOpen) {
      this.#version.refused();
      return true;
    }
    if (reasonCode === REASON.retainNotSupported && this.#willRetained) {
      this.#willRetained = false;
      return true;
    }
    if (reasonCode === REASON.qosNotSupported && this.#willQos > 0) {
      this.#willQos = 0;
      return true;
    }
    return false;
  }

  /** What the broker does not offer, a sentence for each; from its refusals and from what it says of itself. */
  lacking({ maximumQos, retainAvailable }: BrokerLimits = NO_LIMITS): string[] {
    return [
      ...(retainAvailable && this.#willRetained ? [] : [REASON.retainNotSupported]),
      ...(maximumQos > 0 && this.#willQos > 0 ? [] : [REASON.qosNotSupported]),
    ].map((code) => reasonSentence(code));
  }
}
