import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from './certificates.js';
import { Child } from './child.js';
import { execute } from './execute.js';
import { freeTcpPort } from './ports.js';

export interface MosquittoOptions {
  /** Who may log in; default: anyone, anonymously. */
  users?: Record<string, string>;
  /** Lines of an ACL file, see mosquitto.conf(5); default: everyone may do everything. */
  acl?: readonly string[];
  /** Listen with TLS, with a certificate for localhost and 127.0.0.1 from a CA made for this broker. */
  tls?: boolean;
  /** With tls: clients need a certificate of the same CA. */
  requireClientCertificate?: boolean;
  /** Speak MQTT over WebSockets instead of plain TCP. */
  webSockets?: boolean;
  /** Further lines of mosquitto.conf(5). */
  settings?: readonly string[];
}

/** A real mosquitto on a free port of the loopback interface, which it keeps over restarts. */
export class Mosquitto {
  readonly #folder: string;
  readonly #scheme: 'mqtt' | 'mqtts' | 'ws' | 'wss';
  readonly port: number;
  #child: Child | undefined;

  static async start(options: MosquittoOptions = {}): Promise<Mosquitto> {
    const folder = await mkdtemp(join(tmpdir(), 'ghostcam-mosquitto-'));
    const port = await freeTcpPort();
    await writeFile(join(folder, 'mosquitto.conf'), await configuration(folder, port, options));
    const scheme = options.webSockets ? 'ws' : 'mqtt';
    const broker = new Mosquitto(folder, port, options.tls ? `${scheme}s` : scheme);
    await broker.start();
    return broker;
  }

  private constructor(folder: string, port: number, scheme: 'mqtt' | 'mqtts' | 'ws' | 'wss') {
    this.#folder = folder;
    this.port = port;
    this.#scheme = scheme;
  }

  get url(): string {
    const host = this.#scheme === 'mqtts' || this.#scheme === 'wss' ? 'localhost' : '127.0.0.1';
    return `${this.#scheme}://${host}:${this.port}`;
  }

  /** Paths of PEM files, with tls: the CA, and a client's certificate and key signed by it. */
  get certificates(): { ca: string; clientCert: string; clientKey: string } {
    const path = (name: string) => join(this.#folder, name);
    return { ca: path('ca.crt'), clientCert: path('client.crt'), clientKey: path('client.key') };
  }

  /** What it has logged since its last start. */
  get log(): string {
    return this.#child?.output ?? '';
  }

  /** Again on the same port, after stop() or kill(). */
  async start(): Promise<void> {
    this.#child = new Child('mosquitto', ['-v', '-c', join(this.#folder, 'mosquitto.conf')]);
    await this.#child.outputMatch(/mosquitto version \S+ running/);
  }

  /** As an administrator stops it: clients get a DISCONNECT. Retained messages are forgotten. */
  async stop(): Promise<void> {
    // It says "running" before its loop runs, and forgets a SIGTERM that comes in between.
    const again = setInterval(() => this.#child?.signal('SIGTERM'), 500);
    await this.#child?.stop();
    clearInterval(again);
  }

  /** As when its machine loses power. */
  async kill(): Promise<void> {
    await this.#child?.stop('SIGKILL');
  }

  /** As when its machine hangs: connections stay open, nothing is answered. */
  freeze(): void {
    this.#child?.signal('SIGSTOP');
  }

  /** Ends freeze(). */
  resume(): void {
    this.#child?.signal('SIGCONT');
  }

  /** Ends it for good and removes its files. */
  async dispose(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Writes the files that the configuration names, and returns it. */
async function configuration(folder: string, port: number, options: MosquittoOptions): Promise<string> {
  const lines = ['persistence false'];
  // Debian 12's 2.0.11 does not start with listeners for WebSockets alone.
  if (options.webSockets) lines.push(`listener 0 ${join(folder, 'socket')}`);
  lines.push(`listener ${port} 127.0.0.1`);
  if (options.webSockets) lines.push('protocol websockets');
  // As root mosquitto would become another user, who cannot read this folder.
  if (process.getuid?.() === 0) lines.push('user root');
  if (options.users === undefined) {
    lines.push('allow_anonymous true');
  } else {
    const file = join(folder, 'passwords');
    await writeFile(file, '', { mode: 0o600 });
    for (const [user, password] of Object.entries(options.users)) {
      await execute('mosquitto_passwd', ['-b', file, user, password]);
    }
    lines.push('allow_anonymous false', `password_file ${file}`);
  }
  if (options.acl !== undefined) {
    const file = join(folder, 'acl');
    await writeFile(file, `${options.acl.join('\n')}\n`, { mode: 0o600 });
    lines.push(`acl_file ${file}`);
  }
  if (options.tls) {
    await makeCertificates(folder);
    lines.push(`cafile ${join(folder, 'ca.crt')}`);
    lines.push(`certfile ${join(folder, 'server.crt')}`, `keyfile ${join(folder, 'server.key')}`);
    if (options.requireClientCertificate) lines.push('require_certificate true');
  }
  lines.push(...(options.settings ?? []));
  return `${lines.join('\n')}\n`;
}
