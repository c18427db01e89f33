/** The options of mqtt.js, from our configuration. */
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { IClientOptions } from 'mqtt';
import type { BrokerAddress } from '../address/broker.js';
import type { MqttConfig } from '../config/types.js';
import { GhostcamError } from '../errors.js';

/** What all connections to a broker have in common, and where they go. */
export interface ConnectionOptions {
  shared: IClientOptions;
  /** Tried in turn. */
  servers: readonly Server[];
}

/** Reads the TLS files. Rejects when one cannot be read or used. */
export async function connectionOptions(config: MqttConfig): Promise<ConnectionOptions> {
  const { servers, username, password, ca, cert, key, clientId } = config;
  const read = (path: string | undefined) => (path === undefined ? undefined : readFile(path));
  const [caPem, certPem, keyPem] = await Promise.all([read(ca), read(cert), read(key)]);
  const files = {
    ...(caPem === undefined ? {} : { ca: caPem }),
    ...(certPem === undefined ? {} : { cert: certPem }),
    ...(keyPem === undefined ? {} : { key: keyPem }),
  };
  try {
    createSecureContext(files);
  } catch (error) {
    throw new GhostcamError('MQTT', `the TLS files cannot be used: ${(error as Error).message}`, {
      remedy: 'MQTT_CA, MQTT_CERT and MQTT_KEY must be PEM files, and the key must belong to the certificate',
      cause: error,
    });
  }
  const shared = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...files,
    clientId,
    clean: true,
    keepalive: 30,
  };
  return { shared, servers: servers.map(server) };
}

const DEFAULT_PORTS = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 };

export interface Server {
  host: string;
  port: number;
  protocol: BrokerAddress['scheme'];
  path: string;
}

/** The options of one server. */
function server({ scheme: protocol, host, port, path, query }: BrokerAddress): Server {
  return {
    // mqtt.js makes a URL of it for WebSockets alone.
    host: protocol.startsWith('ws') && host.includes(':') ? `[${host}]` : host,
    port: port ?? DEFAULT_PORTS[protocol],
    protocol,
    path: `${path === '' ? '/' : path}${query === undefined ? '' : `?${query}`}`,
  };
}
