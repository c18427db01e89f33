/** What a connection asks of the broker: the version of MQTT and the last will. Both give way to what the broker cannot do. */
import type { MqttConfig } from '../config/types.js';
import { type BrokerLimits, NO_LIMITS } from './limits.js';
import { type MqttVersion, ProtocolVersion } from './protocol-version.js';
import { isSilence, isUnsupportedVersion, REASON, reasonSentence } from './reason-sentences.js';
import type { SessionEnd } from './session.js';

export interface LastWill {
  topic: string;
  payload: string;
}

export class ConnectionTerms {
  readonly #will: LastWill;
  readonly #version: ProtocolVersion;
  #willQos: 0 | 1 = 1;
  #willRetained = true;

  constructor({ version, servers }: Pick<MqttConfig, 'version' | 'servers'>, will: LastWill) {
    this.#will = will;
    this.#version = new ProtocolVersion(version, servers.length);
  }

  /** Of the next attempt. */
  get version(): MqttVersion {
    return this.#version.next;
  }

  /** As options of mqtt.js. */
  get options() {
    const { topic, payload } = this.#will;
    return {
      protocolVersion: this.version === '5' ? (5 as const) : (4 as const),
      will: { topic, payload: Buffer.from(payload), qos: this.#willQos, retain: this.#willRetained },
    };
  }

  accepted(version: MqttVersion): void {
    this.#version.connected(version);
  }

  /**
   * Learns from an attempt that was not accepted.
   * @returns Whether the next attempt asks for less, so that the failure need not be reported.
   */
  failed({ reasonCode, error }: SessionEnd, version: MqttVersion): boolean {
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
