/** What mqtt.js is told of the broker, from our configuration. */
import { readFile } from 'node:fs/promises';
import type { IClientOptions } from 'mqtt';
import type { MqttConfig } from '../config/types.js';

const CONNECT_TIMEOUT_MS = 10_000;

/** Reads the TLS files. Rejects when one cannot be read. */
export async function connectionOptions(config: MqttConfig): Promise<IClientOptions> {
  const { username, password, ca, cert, key, clientId, otherUrls = [] } = config;
  const read = (path: string | undefined) => (path === undefined ? undefined : readFile(path));
  const [caPem, certPem, keyPem] = await Promise.all([read(ca), read(cert), read(key)]);
  return {
    ...(otherUrls.length === 0 ? {} : { servers: [config.url, ...otherUrls].map(server) }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(caPem === undefined ? {} : { ca: caPem }),
    ...(certPem === undefined ? {} : { cert: certPem }),
    ...(keyPem === undefined ? {} : { key: keyPem }),
    clientId,
    // 5 tells when an access list refuses a message; brokers that know only 3.1.1 say so, and get it.
    protocolVersion: 5,
    clean: true,
    keepalive: 30,
    connectTimeout: CONNECT_TIMEOUT_MS,
  };
}

const DEFAULT_PORTS = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 };
type Protocol = keyof typeof DEFAULT_PORTS;

/** mqtt.js goes through the list anew with each attempt to connect; user name and path are those of the first address. */
function server(url: string): { host: string; port: number; protocol: Protocol } {
  const { hostname, port, protocol: scheme } = new URL(url);
  const protocol = scheme.slice(0, -1) as Protocol;
  // mqtt.js wants an IPv6 address without the brackets that a URL puts around it.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: port === '' ? DEFAULT_PORTS[protocol] : Number(port), protocol };
}
