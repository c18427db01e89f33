import { fileURLToPath } from 'node:url';
import { Child } from './child.js';
import { freeUdpPort } from './ports.js';

const script = fileURLToPath(new URL('rtsp_server.py', import.meta.url));
/** The distribution's own, which python3-gi belongs to, whatever `python3` is on PATH. */
const python = '/usr/bin/python3';

export interface RtspServerOptions {
  /** H.264 in MPEG-TS, see footage.ts: it is repeated without end, which MP4 does not survive. */
  clip: string;
  user?: string;
  password?: string;
}

/**
 * A camera that speaks RTSP with digest authentication over TCP and UDP, on a free port of the loopback interface that it
 * keeps over restarts. ffmpeg plays the clip into gst-rtsp-server, so that picture and server can fail apart.
 */
export class RtspServer {
  readonly #options: Required<RtspServerOptions>;
  readonly #feedPort: number;
  #port = 0;
  #server: Child | undefined;
  #feed: Child | undefined;

  static async start(options: RtspServerOptions): Promise<RtspServer> {
    const server = new RtspServer(options, await freeUdpPort());
    await server.start();
    return server;
  }

  private constructor(options: RtspServerOptions, feedPort: number) {
    this.#options = { user: 'viewer', password: 'p@ss/word', ...options };
    this.#feedPort = feedPort;
  }

  /** With the right credentials, percent-encoded, unless others are given. */
  url({ user = this.#options.user, password = this.#options.password, path = '/stream' } = {}): string {
    return `rtsp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${this.#port}${path}`;
  }

  /** Again on the same port, after kill(). */
  async start(): Promise<void> {
    const { clip, user, password } = this.#options;
    this.#feed = new Child('ffmpeg', [
      ...['-nostdin', '-loglevel', 'error', '-re', '-stream_loop', '-1', '-i', clip],
      ...['-c', 'copy', '-f', 'rtp', `rtp://127.0.0.1:${this.#feedPort}`],
    ]);
    this.#server = new Child(python, [
      script,
      ...['--port', String(this.#port), '--feed-port', String(this.#feedPort)],
      ...['--user', user, '--password', password],
    ]);
    const [, port] = await this.#server.outputMatch(/^ready (\d+)$/m);
    this.#port = Number(port);
  }

  /** As when the camera loses power: connections end, nothing listens. */
  async kill(): Promise<void> {
    await Promise.all([this.#feed?.stop('SIGKILL'), this.#server?.stop('SIGKILL')]);
  }

  /** As when the camera hangs: connections stay open, nothing is answered. */
  freeze(): void {
    this.#server?.signal('SIGSTOP');
  }

  /** As when the encoder hangs: the server answers, no picture comes. */
  silence(): void {
    this.#feed?.signal('SIGSTOP');
  }

  /** Ends freeze() and silence(). */
  resume(): void {
    this.#server?.signal('SIGCONT');
    this.#feed?.signal('SIGCONT');
  }

  /** Safe to call in any state. */
  async stop(): Promise<void> {
    await this.kill();
  }
}
