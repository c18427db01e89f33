/** Stands on the loopback interface between ffmpeg and one RTSP camera, whose host is the only one that is connected to. */
import type { Socket } from 'node:net';
import { Address } from '../address/address.js';
import { type CameraAddress, parseCameraAddress, portOf } from '../address/camera.js';
import { AddressError } from '../address/parse.js';
import type { CameraConfig } from '../config/types.js';
import { type CameraTls, cameraTls, connectToCamera, type TlsSettings } from './camera-tls.js';
import { answerable } from './challenges.js';
import { connectionComplaint } from './connection-complaint.js';
import { LoopbackServer } from './loopback-server.js';
import { type Head, NotRtsp, RtspAnswers } from './rtsp-answer.js';

type RelayedCamera = Pick<CameraConfig, 'url'> & TlsSettings;

/** How long after its viewer has left a camera may take to close the connection. */
const CLOSE_MS = 1_000;
/** ffmpeg follows redirects without end; a camera that means it sends on once or twice. */
const MAX_REDIRECTS = 5;
/** Long enough for the first word of a request that arrives in two parts. */
const KEPT_REQUEST_BYTES = 16;

/**
 * ffmpeg follows a redirect before it logs it, and takes the password there; versions before 6 verify no certificate of an rtsps camera.
 * So it is given the address of this relay. Redirects to another port of the camera lead here again, all others end the connection. From
 * PLAY on, after which ffmpeg follows no redirect, bytes pass as they are.
 */
export class RtspRelay {
  readonly #camera: RelayedCamera;
  /** Undefined: it is spoken to without TLS. */
  readonly #tls: CameraTls | undefined;
  readonly #server = new LoopbackServer((client) => this.#serve(client));
  #port: number;
  #reached = false;
  #refused: string | undefined;
  #redirects = 0;
  #complaint: string | undefined;
  /** The camera has said something that sends nowhere else: what it says of the stream comes on this connection, and on no other. */
  #answered = false;

  /** @throws Error: the certificates cannot be read, or no port be had. */
  static async start(camera: RelayedCamera): Promise<RtspRelay> {
    const relay = new RtspRelay(camera, camera.url.scheme === 'rtsps' ? await cameraTls(camera) : undefined);
    await relay.#server.listen();
    return relay;
  }

  private constructor(camera: RelayedCamera, tls: CameraTls | undefined) {
    this.#camera = camera;
    this.#tls = tls;
    this.#port = portOf(camera.url);
  }

  /** Of the loopback interface. */
  get port(): number {
    return this.#server.port;
  }

  /** The camera has accepted a connection. */
  get reached(): boolean {
    return this.#reached;
  }

  /** The other host that the camera has sent to, or its own by another scheme. */
  get refused(): string | undefined {
    return this.#refused;
  }

  /** Why the connection failed on which the camera would have answered, in ffmpeg's words. */
  get complaint(): string | undefined {
    return this.#complaint;
  }

  /** Of connections that are open what was sent still arrives, such as the end of a session. */
  stop(): void {
    this.#server.close();
    setTimeout(() => this.#server.disconnect(), CLOSE_MS).unref();
  }

  #serve(client: Socket): void {
    if (this.#redirects > MAX_REDIRECTS) {
      client.destroy();
      return;
    }
    const upstream = this.#connect();
    this.#server.keep(upstream);
    for (const socket of [client, upstream]) socket.setNoDelay();
    let heard = false;
    upstream.once('data', () => {
      heard = true;
      this.#complaint = undefined;
    });
    // In TLS 1.3 a camera refuses its viewer when the connection stands.
    upstream.once('error', (error) => {
      if (!heard && !this.#answered) this.#complaint = connectionComplaint(error, this.#camera.url.host);
    });
    // A connection that is destroyed with something unread is reset, and ffmpeg would say that of the camera.
    upstream.once('close', () => client.resume().end());
    client.once('close', () => upstream.destroySoon());
    let playing = false;
    let request = '';
    client.on('data', (chunk: Buffer) => {
      request = (request + chunk.toString('latin1')).slice(-KEPT_REQUEST_BYTES - chunk.length);
      if (/(?:^|\n)PLAY /.test(request)) playing = true;
    });
    client.pipe(upstream);
    const answers = new RtspAnswers((head) => this.#edit(head, upstream));
    const read = (chunk: Buffer) => {
      if (playing) {
        upstream.off('data', read);
        client.write(Buffer.concat([answers.rest, chunk]));
        upstream.pipe(client);
        return;
      }
      try {
        client.write(answers.read(chunk));
      } catch (error) {
        if (!(error instanceof NotRtsp)) throw error;
        upstream.destroy();
      }
    };
    upstream.on('data', read);
  }

  #connect(): Socket {
    return connectToCamera({ host: this.#camera.url.host, port: this.#port }, this.#tls, () => {
      this.#reached = true;
    });
  }

  /** Whatever leads to another host is changed, or refused. */
  #edit({ status = 0, headers }: Head, upstream: Socket): Head['headers'] {
    const isRedirect = status >= 300 && status < 400;
    this.#answered = !isRedirect;
    return answerable(headers).flatMap(([name, value]) => {
      if (/^location$/i.test(name)) return isRedirect ? [[name, this.#redirected(value)] as const] : [];
      if (/^transport$/i.test(name)) return [[name, fromCamera(value, upstream.remoteAddress)] as const];
      return [[name, value] as const];
    });
  }

  /** This relay's address for one of the camera. */
  #redirected(location: string): string {
    const { url } = this.#camera;
    if (++this.#redirects > MAX_REDIRECTS) {
      this.#complaint = 'Redirect not followed';
      throw new NotRtsp('it sends in a circle');
    }
    const address = addressOf(location);
    const host = address?.host.toLowerCase();
    const isOwn = host === url.host.toLowerCase();
    if (address === undefined || !isOwn || address.scheme !== url.scheme) {
      this.#refused = isOwn ? `${url.host} by ${address?.scheme}` : host || 'of no usable name';
      throw new NotRtsp('it sends to another host');
    }
    this.#port = portOf(address);
    return atLoopback(address, this.port).href();
  }
}

/** The address at a relay of that port, path and credentials as they are. */
export function atLoopback(address: Address, port: number): Address {
  return new Address({ ...address, scheme: 'rtsp', host: '127.0.0.1', port });
}

function addressOf(location: string): CameraAddress | undefined {
  try {
    return parseCameraAddress(location);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    return undefined;
  }
}

/** Over UDP packets go to and fro between ffmpeg and the camera, which ffmpeg does not know by its address (RFC 2326, 12.39). */
function fromCamera(transport: string, address: string | undefined): string {
  const [protocol = '', ...parameters] = transport.split(';');
  const kept = parameters.filter((parameter) => !/^\s*(?:source|destination)\s*=/i.test(parameter));
  const isUdp = kept.some((parameter) => /^\s*client_port\s*=/i.test(parameter));
  return [protocol, ...kept, ...(isUdp && address ? [`source=${address}`] : [])].join(';');
}
