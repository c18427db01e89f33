/** What mqtt.js is told of the broker, from our configuration. */
import { readFile } from 'node:fs/promises';
import type { IClientOptions } from 'mqtt';
import type { MqttConfig } from '../config/types.js';

const CONNECT_TIMEOUT_MS = 10_000;

/** Reads the TLS files. Rejects when one cannot be read. */
export async function connectionOptions(config: MqttConfig): Promise<IClientOptions> {
  const { username, password, ca, cert, key, clientId } = config;
  const read = (path: string | undefined) => (path === undefined ? undefined : readFile(path));
  const [caPem, certPem, keyPem] = await Promise.all([read(ca), read(cert), read(key)]);
  return {
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
