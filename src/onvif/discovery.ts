/** Finds ONVIF devices on the networks of this machine by WS-Discovery. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { GhostcamError } from '../errors.js';
import { parseProbeMatches, probeMessage } from './probe-match.js';
import type { FoundDevice } from './types.js';

const GROUP = '239.255.255.250';
const PORT = 3702;
/** UDP loses messages: each network is asked twice. */
const PROBES = 2;
const PROBE_INTERVAL_MS = 500;
/** More devices, or more answers, than any house has. */
const MAX_DEVICES = 200;
const MAX_ANSWERS = 5000;

export interface Network {
  /** Such as `eth0`. */
  name: string;
  /** IPv4 address of this machine there. */
  address: string;
}

/**
 * The networks that this machine is on, or the one of that name.
 * @throws GhostcamError NETWORK where there is none.
 */
export function localNetworks(name?: string): Network[] {
  const all = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).filter(({ family }) => family === 'IPv4').map((each) => ({ name, ...each })),
  );
  const networks = all.filter((each) => (name === undefined ? !each.internal : each.name === name));
  if (networks.length > 0) return networks.map(({ name, address }) => ({ name, address }));
  const known = [...new Set(all.map((each) => each.name))].join(', ') || 'none';
  const problem = name === undefined ? 'this machine is on no IPv4 network' : `there is no network ${name}`;
  throw new GhostcamError('NETWORK', problem, { remedy: `networks of this machine: ${known}` });
}

/**
 * Asks each network for cameras and collects the answers of `timeoutMs`. A message that is no answer is ignored.
 * @returns Each address once, in order.
 */
export async function discover(networks: readonly Network[], timeoutMs: number): Promise<FoundDevice[]> {
  const found = new Map<string, FoundDevice>();
  let answers = 0;
  const sockets = networks.map(({ address }) => {
    const socket = createSocket('udp4');
    socket.on('message', (message, { address: sender }) => {
      if (found.size >= MAX_DEVICES || ++answers > MAX_ANSWERS) return;
      for (const device of parseProbeMatches(message.toString(), sender)) {
        const key = `${device.host}:${device.port}`;
        if (!found.has(key)) found.set(key, device);
      }
    });
    return { socket, address };
  });
  try {
    await Promise.all(sockets.map(({ socket, address }) => probe(socket, address)));
    await setTimeout(timeoutMs);
  } finally {
    for (const { socket } of sockets) socket.close();
  }
  return [...found.values()].sort((a, b) => a.host.localeCompare(b.host, 'en', { numeric: true }));
}

/** A network that cannot be asked, such as one that is just going down, has no answers. */
async function probe(socket: Socket, address: string): Promise<void> {
  try {
    socket.bind(0, address);
    await once(socket, 'listening');
    socket.on('error', () => {});
    socket.setMulticastInterface(address);
    for (let count = 0; count < PROBES; count++) {
      if (count > 0) await setTimeout(PROBE_INTERVAL_MS);
      await new Promise<void>((resolve) => {
        socket.send(probeMessage(), PORT, GROUP, () => resolve());
      });
    }
  } catch {
    // The others are still asked.
  }
}
