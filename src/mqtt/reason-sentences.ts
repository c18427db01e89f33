/** Says in one sentence why a broker cannot be reached, refuses or hangs up, and names the variable to look at. */
import type { ErrorWithReasonCode } from 'mqtt';
import { printable } from '../secrets/printable.js';

/** Reason codes that this program acts on (MQTT 5, 2.4). */
export const REASON = {
  unsupportedVersion: 132,
  sessionTakenOver: 142,
  packetTooLarge: 149,
  retainNotSupported: 154,
  qosNotSupported: 155,
} as const;

const CREDENTIALS = 'see MQTT_USERNAME and MQTT_PASSWORD';
const OTHER_BROKER = 'set MQTT_URL to the server that its administrator names';
const TOO_OFTEN = 'lower CAMERA_FPS or raise that limit at the broker';

/** CONNACK codes of MQTT 3.1.1 (3.2.2.3), and the reason codes of MQTT 5 (2.4) of CONNACK and DISCONNECT. */
const REASONS: Readonly<Record<number, string>> = {
  1: 'it does not speak this version of MQTT; see MQTT_VERSION',
  2: 'it refused the client identifier; see MQTT_CLIENT_ID',
  3: 'it is not available at the moment',
  4: `it refused the user name or password; ${CREDENTIALS}`,
  5: `it does not allow this client; ${CREDENTIALS}`,
  128: 'it had an error that it does not name; see the log of the broker',
  129: 'it could not read a packet of ours; see the log of the broker, and try MQTT_VERSION=3.1.1',
  130: 'it holds a packet of ours against the protocol; see the log of the broker, and try MQTT_VERSION=3.1.1',
  131: 'it does not accept a packet that is valid; see the log of the broker',
  132: 'it does not speak this version of MQTT; see MQTT_VERSION',
  133: 'it refused the client identifier; see MQTT_CLIENT_ID',
  134: `it refused the user name or password; ${CREDENTIALS}`,
  135: `it does not allow this client; ${CREDENTIALS}`,
  136: 'it is not available at the moment',
  137: 'it is busy',
  138: 'it has banned this client; ask its administrator',
  139: 'it is shutting down',
  140: `it wants another way of logging in than user name and password; ${CREDENTIALS}`,
  141: 'it heard nothing from this board for too long; see the network',
  142: 'another client has connected with the same client identifier; set NODE_ID to another name on each board, and MQTT_CLIENT_ID where it is set',
  143: 'it refused the name of a subscription; see MQTT_TOPIC and HOMEASSISTANT_PREFIX',
  144: 'it does not accept the name of a topic; see MQTT_TOPIC and NODE_ID',
  147: `it was sent more messages at once than it allows; ${TOO_OFTEN}`,
  148: 'it does not accept a packet that is valid; see the log of the broker',
  149: 'a message was larger than it allows; lower CAMERA_SNAPSHOT_MAX_KB or raise its maximum packet size',
  150: `it was sent more messages a second than it allows; ${TOO_OFTEN}`,
  151: `a quota of this client is used up; ${TOO_OFTEN}`,
  152: 'its administrator closed the connection',
  153: 'it does not accept the content of a message; see the log of the broker',
  154: 'it keeps no retained messages; allow them, for without them states are lost to who connects later',
  155: 'it does not accept the quality of service 1; allow it, for without it events can be lost',
  156: `it wants this client at another server; ${OTHER_BROKER}`,
  157: `it has moved to another server; ${OTHER_BROKER}`,
  158: 'it does not allow a subscription; see the log of the broker',
  159: 'it was connected to too often; it is tried again more seldom',
  160: 'it limits how long a connection may last, and that time is over',
  161: 'it does not allow a subscription; see the log of the broker',
  162: 'it allows no subscription with wildcards, so commands are not received; allow them',
};

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; is the broker running, and are host and port of MQTT_URL right',
  ENOTFOUND: 'its host name is not known; see MQTT_URL',
  EAI_AGAIN: 'its host name cannot be looked up; see MQTT_URL and the network',
  ETIMEDOUT: 'it does not answer; see MQTT_URL and the network',
  EHOSTUNREACH: 'there is no route to it; see MQTT_URL and the network',
  ENETUNREACH: 'there is no route to it; see MQTT_URL and the network',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed; give the file of that certificate as MQTT_CA',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is from an unknown authority; give that authority as MQTT_CA',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is from an unknown authority; give that authority as MQTT_CA',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its certificate is from an unknown authority; give that authority as MQTT_CA',
  CERT_HAS_EXPIRED: 'its certificate has expired; renew it, and check the clock of this board',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; check the clock of this board',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name; use that name in MQTT_URL',
  EPROTO: 'TLS failed; is MQTT_URL right about mqtt:// and mqtts://',
};

/** Alerts that a broker sends (RFC 8446, 6.2), in OpenSSL's words; in TLS 1.2 one of them has several reasons. */
const TLS_ALERTS: readonly [RegExp, string][] = [
  [
    /alert certificate required/,
    'it wants a client certificate; give its file and key as MQTT_CERT and MQTT_KEY',
  ],
  [
    /alert (?:unknown ca|decrypt error|[a-z ]{0,20}certificate)/,
    'it does not accept the client certificate; see MQTT_CERT and MQTT_KEY',
  ],
  [
    /alert handshake failure/,
    'it wants a client certificate (MQTT_CERT and MQTT_KEY), or knows no cipher that this board allows',
  ],
  [/alert protocol version/, 'it knows no TLS that is new enough; allow TLS 1.2 or 1.3 at the broker'],
];

/** How mqtt-packet's messages begin: they name what of MQTT it had read into the bytes of, say, a web server. */
const NO_MQTT = /^(?:Invalid|Malformed|Cannot parse|Not supported|Packet|Unknown property|Connect flag|Will)/;
/** Of a broker, or of what stands in its place, that takes connections and closes them. */
export const CLOSED_WITHOUT_ANSWER =
  'it closed the connection without an answer; see port and path of MQTT_URL, and its scheme: mqtts:// or wss:// for a TLS port';

/** The beginning of a text that comes from elsewhere. */
function excerpt(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}

/** @param serverReference The other server that the broker names, as it came. */
export function reasonSentence(code: number, serverReference?: string): string {
  const sentence = REASONS[code] ?? `it gave the reason code ${code}; see the log of the broker`;
  return serverReference === undefined
    ? sentence
    : `${sentence} (${excerpt(printable(serverReference), 100)})`;
}

/**
 * A sentence for people: of a reason code of MQTT, of an error of the system or of TLS, else what the error says.
 * @param accepted Whether the broker had accepted the connection, so that it speaks MQTT.
 */
export function explainBrokerError(error: Error & { code?: number | string }, accepted = false): string {
  const { code } = error;
  if (typeof code === 'number') return reasonSentence(code);
  // Node reports several addresses tried at once as an AggregateError, whose own message is empty.
  const [first] = error instanceof AggregateError ? error.errors : [error];
  const text = excerpt(String(first?.message), 1000);
  // Before the system's: of an alert that meets a message Node says EPROTO.
  const alert = TLS_ALERTS.find(([pattern]) => text.includes('SSL routines') && pattern.test(text));
  if (alert !== undefined) return alert[1];
  const reason = SYSTEM_REASONS[String(code ?? first?.code)];
  if (reason !== undefined) return reason;
  if (text.includes('SSL routines')) return SYSTEM_REASONS.EPROTO as string;
  if (NO_MQTT.test(error.message) && accepted) return againstProtocol(error.message).message;
  if (NO_MQTT.test(error.message))
    return 'what it answers is no MQTT; see the port of MQTT_URL, and whether TLS (mqtts://) is wanted there';
  if (error.message === 'Keepalive timeout')
    return 'it does not answer any more; see whether it hangs, and the network';
  if (isSilence(error)) return 'it accepts the connection but does not answer; is it an MQTT port';
  return excerpt(first?.message || String(error), 300);
}

/** Where to look when a broker takes connections and does not do its work. */
export const SEE_BROKER = 'see its log, and whether its disk or its memory is full';

/** The error of a connection on which the broker sent what it may not. @param said Of mqtt.js. */
export function againstProtocol(said: string): Error {
  return new Error(`it sends what MQTT forbids (${said}); update it, or try MQTT_VERSION=3.1.1`);
}

/** The error of a connection over which there came a message without end, or one that is larger than any that is wanted. */
export function endless(): Error {
  return new Error(
    'it sends a message of more than 16 MB, which nothing here reads: see who publishes on the topics of this board',
  );
}

/** The error of a connection that was left because the broker acknowledged nothing for so long. */
export function unacknowledged(seconds: number): Error {
  return new Error(
    `it has not acknowledged a message at QoS 1 for ${seconds} s, and events wait for that; ${SEE_BROKER}, or whether it limits its clients`,
  );
}

/** Whether the broker accepted the connection of the transport and answered nothing. */
export function isSilence(error: Error): boolean {
  return error.message === 'connack timeout';
}

/** Whether a refusal of the connection means the version of MQTT, in either version's codes. */
export function isUnsupportedVersion(code: number): boolean {
  return code === 1 || code === REASON.unsupportedVersion;
}

/** Whether the broker has answered a request with a refusal, by a reason code of MQTT 5 (2.4); otherwise the connection has ended. */
export function isRefusal(error: Error): error is ErrorWithReasonCode {
  return (error as ErrorWithReasonCode).code >= 0x80;
}
