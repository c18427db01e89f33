/** TLS with a camera, by its settings. */
import { readFile, stat } from 'node:fs/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';
import type { CameraConfig } from '../config/types.js';
import { certificateAuthorities } from './certificates.js';

export type TlsSettings = Pick<CameraConfig, 'tlsVerify'> & Partial<Pick<CameraConfig, 'tlsCa'>>;

export interface CameraTls {
  context: SecureContext;
  verify: boolean;
}

/** As old as an unverified camera's may be. */
const ANY_VERSION = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;

/** @throws Error: the authorities' certificates cannot be read. */
export async function cameraTls({ tlsCa, tlsVerify: verify }: TlsSettings): Promise<CameraTls> {
  if (!verify) return { context: createSecureContext(ANY_VERSION), verify };
  const authorities = certificateAuthorities(tlsCa);
  return {
    context: authorities === undefined ? createSecureContext() : await contextOf(authorities),
    verify,
  };
}

/** By the path of the authorities' file, with what tells that it was written anew: to read all of a system's takes 40 ms of x86. */
const contexts = new Map<string, { version: string; context: SecureContext }>();

async function contextOf(authorities: string): Promise<SecureContext> {
  const { mtimeMs, size, ino } = await stat(authorities);
  const version = `${mtimeMs} ${size} ${ino}`;
  const known = contexts.get(authorities);
  if (known?.version === version) return known.context;
  const context = createSecureContext({ ca: await readFile(authorities) });
  contexts.set(authorities, { version, context });
  return context;
}

/**
 * With TLS where it is given.
 * @param onReached The camera has accepted the connection, and with TLS has proved who it is.
 */
export function connectToCamera(
  target: { host: string; port: number },
  tls: CameraTls | undefined,
  onReached: () => void,
): Socket {
  if (tls === undefined) return connectTcp(target, onReached);
  const name = isIP(target.host) === 0 ? { servername: target.host } : {};
  const options = { ...target, ...name, secureContext: tls.context, rejectUnauthorized: tls.verify };
  return connectTls(options, onReached);
}
