/** What mqtt.js is told of the broker, from our configuration. */
import { readFile } from 'node:fs/promises';
import type { IClientOptions } from 'mqtt';
import type { BrokerAddress } from '../address/broker.js';
import type { MqttConfig } from '../config/types.js';

const CONNECT_TIMEOUT_MS = 10_000;

/** Reads the TLS files. Rejects when one cannot be read. */
export async function connectionOptions(config: MqttConfig): Promise<IClientOptions> {
  const { servers, username, password, ca, cert, key, clientId } = config;
  const read = (path: string | undefined) => (path === undefined ? undefined : readFile(path));
  const [caPem, certPem, keyPem] = await Promise.all([read(ca), read(cert), read(key)]);
  return {
    ...server(servers[0]),
    // mqtt.js goes through the list anew with each attempt to connect; the path is that of the first address.
    ...(servers.length === 1 ? {} : { servers: servers.map(server) }),
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

interface Server {
  host: string;
  port: number;
  protocol: BrokerAddress['scheme'];
  path: string;
}

/** What mqtt.js is told of one server. */
function server({ scheme: protocol, host, port, path, query }: BrokerAddress): Server {
  return {
    // mqtt.js makes a URL of it for WebSockets alone.
    host: protocol.startsWith('ws') && host.includes(':') ? `[${host}]` : host,
    port: port ?? DEFAULT_PORTS[protocol],
    protocol,
    path: `${path === '' ? '/' : path}${query === undefined ? '' : `?${query}`}`,
  };
}
