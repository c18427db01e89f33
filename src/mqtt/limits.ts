/** What a broker allows of the messages that it is sent, as the answer to a connection says (CONNACK; MQTT 5, 3.2.2.3). */
import type { IConnackPacket } from 'mqtt';

export interface BrokerLimits {
  /** Bytes of one packet; Infinity where the broker gives no number, as in MQTT 3.1.1. */
  maximumPacketSize: number;
  maximumQos: 0 | 1;
  retainAvailable: boolean;
  /** Messages at QoS 1 that it takes before it has acknowledged the first of them. */
  receiveMaximum: number;
}

export const NO_LIMITS: BrokerLimits = {
  maximumPacketSize: Number.POSITIVE_INFINITY,
  maximumQos: 1,
  retainAvailable: true,
  receiveMaximum: 65_535,
};

/** What a broker says of itself when it accepts; of MQTT 3.1.1, which says nothing, {@link NO_LIMITS}. */
export function limitsOf({ properties = {} }: IConnackPacket): BrokerLimits {
  const { maximumPacketSize, maximumQoS, retainAvailable, receiveMaximum } = properties;
  // 0 is forbidden for both numbers, and said by brokers that mean none.
  return {
    maximumPacketSize: maximumPacketSize || NO_LIMITS.maximumPacketSize,
    maximumQos: maximumQoS === 0 ? 0 : 1,
    retainAvailable: retainAvailable ?? true,
    receiveMaximum: receiveMaximum || NO_LIMITS.receiveMaximum,
  };
}

/** What MQTT 5 carries beside a payload; MQTT 3.1.1 leaves it out. */
export interface Properties {
  contentType?: string;
  userProperties?: Record<string, string>;
  /** Seconds after which the broker forgets the message. */
  messageExpiryInterval?: number;
}

/**
 * Bytes of a PUBLISH packet without its payload (MQTT 5, 3.3), at most: the longest forms of the header's numbers are counted.
 */
export function packetOverhead(topic: string, properties: Properties): number {
  const string = (text: string) => 2 + Buffer.byteLength(text);
  const { contentType, userProperties = {}, messageExpiryInterval } = properties;
  const pairs = Object.entries(userProperties).reduce(
    (sum, [key, value]) => sum + 1 + string(key) + string(value),
    0,
  );
  const others =
    (contentType === undefined ? 0 : 1 + string(contentType)) + (messageExpiryInterval === undefined ? 0 : 5);
  // Type and flags, remaining length, topic, packet identifier, length of the properties.
  return 1 + 4 + string(topic) + 2 + 4 + others + pairs;
}

/**
 * How long the broker keeps the state of a camera that is not renewed, in seconds (MQTT 5, 3.3.2.3.3): the state of a camera whose
 * board has died does not stay `online` for ever.
 */
export const STATE_EXPIRY_S = 900;
