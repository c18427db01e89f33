/** Says in one sentence why a broker cannot be reached or refuses, and names the variable to look at. */
import type { ErrorWithReasonCode } from 'mqtt';

/** CONNACK codes of MQTT 3.1.1 (3.2.2.3) and MQTT 5 (3.2.2.2). */
const CONNACK_REASONS: Record<number, string> = {
  1: 'it does not speak MQTT 3.1.1 or 5',
  2: 'it refused the client identifier; see MQTT_CLIENT_ID',
  3: 'it is not available at the moment',
  4: 'it refused the user name or password; see MQTT_USERNAME and MQTT_PASSWORD',
  5: 'it does not allow this client; see MQTT_USERNAME and MQTT_PASSWORD',
  132: 'it does not speak MQTT 3.1.1 or 5',
  133: 'it refused the client identifier; see MQTT_CLIENT_ID',
  134: 'it refused the user name or password; see MQTT_USERNAME and MQTT_PASSWORD',
  135: 'it does not allow this client; see MQTT_USERNAME and MQTT_PASSWORD',
  136: 'it is not available at the moment',
  137: 'it is busy',
  138: 'it has banned this client',
};

const SYSTEM_REASONS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there; is the broker running, and are host and port of MQTT_URL right',
  ENOTFOUND: 'its host name is not known; see MQTT_URL',
  EAI_AGAIN: 'its host name cannot be looked up; see MQTT_URL and the network',
  ETIMEDOUT: 'it does not answer; see MQTT_URL and the network',
  EHOSTUNREACH: 'there is no route to it; see MQTT_URL and the network',
  ENETUNREACH: 'there is no route to it; see MQTT_URL and the network',
  ECONNRESET: 'it closed the connection; for a TLS port MQTT_URL begins with mqtts://',
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

export function explainBrokerError(error: Error & { code?: number | string }): string {
  const { code } = error;
  if (typeof code === 'number') return CONNACK_REASONS[code] ?? `it refused the connection (code ${code})`;
  // Node reports several addresses tried at once as an AggregateError, whose own message is empty.
  const [first] = error instanceof AggregateError ? error.errors : [error];
  const reason = SYSTEM_REASONS[String(code ?? first?.code)];
  if (reason !== undefined) return reason;
  if (/ERR_SSL|SSL routines/i.test(`${code} ${error.message}`)) return SYSTEM_REASONS.EPROTO as string;
  if (/connack timeout/i.test(error.message))
    return 'it accepts the connection but does not answer; is it an MQTT port';
  return first?.message || String(error);
}

export function isUnsupportedProtocolVersion(error: Error & { code?: number | string }): boolean {
  return (error as Partial<ErrorWithReasonCode>).code === 1 || error.code === 132;
}

/** Whether the broker has answered a request with a refusal, by a reason code of MQTT 5 (2.4); otherwise the connection has ended. */
export function isRefusal(error: Error): boolean {
  return (error as ErrorWithReasonCode).code >= 0x80;
}
