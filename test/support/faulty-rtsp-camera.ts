/** A camera that speaks RTSP over TCP as its options say: with another clock, rare key frames, streams that end, or odd answers. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createSecureServer, type TlsOptions } from 'node:tls';
import { execute } from './execute.js';

export type Codec = 'h264' | 'hevc';

/** The NAL units of one picture. */
type AccessUnit = Buffer[];

export interface FaultyCameraOptions {
  codec?: Codec;
  /** Pictures, sent in turn without end, see {@link accessUnits}. */
  pictures: readonly AccessUnit[];
  fps?: number;
  /** The time in the stream of the n-th picture, in seconds. Default: n / fps. */
  time?: (n: number, fps: number) => number;
  /** The picture that a viewer gets first. */
  firstPicture?: number;
  /** Seconds after which the camera closes the connection. */
  lasts?: number;
  /** True: the stream is described, and nothing is sent. */
  silent?: boolean;
  /** Header lines of a 401 to everything but OPTIONS. */
  challenges?: readonly string[];
  /** True: Basic is asked for until a password comes. */
  asks?: boolean;
  /** Status and header lines of the answers to these methods, instead of what a camera would say. */
  answers?: Record<string, readonly [string, ...string[]]>;
  /** Key and certificate in PEM: the camera speaks TLS. */
  tls?: TlsOptions;
  /** What keeps the session alive. Default: nothing is needed. */
  keepAlive?: KeepAlive;
}

/** The camera closes the connection when no request of `method` came for `seconds`. */
export interface KeepAlive {
  seconds: number;
  method: 'OPTIONS' | 'GET_PARAMETER' | 'any';
  /** Whether OPTIONS lists GET_PARAMETER; default: as `method` says. */
  listed?: boolean;
}

const MAX_PAYLOAD = 1400;

type Optional = 'lasts' | 'answers' | 'keepAlive' | 'tls';

/** On a free port of the loopback interface. */
export class FaultyRtspCamera implements AsyncDisposable {
  readonly #options: Required<Omit<FaultyCameraOptions, Optional>> & Pick<FaultyCameraOptions, Optional>;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Map<Socket, NodeJS.Timeout>();
  connections = 0;
  /** The first lines of all requests so far. */
  readonly requests: string[] = [];
  /** The values of all Authorization headers so far. */
  readonly authorizations: string[] = [];

  static async start(options: FaultyCameraOptions): Promise<FaultyRtspCamera> {
    const camera = new FaultyRtspCamera(options);
    camera.#server.listen(0, '127.0.0.1');
    await once(camera.#server, 'listening');
    return camera;
  }

  private constructor(options: FaultyCameraOptions) {
    const defaults = {
      codec: 'h264',
      fps: 10,
      firstPicture: 0,
      silent: false,
      asks: false,
      challenges: [],
    } as const;
    this.#options = { ...defaults, time: (n, fps) => n / fps, ...options };
    const serve = (socket: Socket) => this.#serve(socket);
    this.#server = options.tls ? createSecureServer(options.tls, serve) : createServer(serve);
  }

  get url(): string {
    return `rtsp${this.#options.tls ? 's' : ''}://viewer:a-password@127.0.0.1:${(this.#server.address() as AddressInfo).port}/stream`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let text = '';
    socket.on('error', () => {});
    socket.once('close', () => this.#sockets.delete(socket));
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      for (;;) {
        const end = text.indexOf('\r\n\r\n');
        if (end < 0) return;
        // Reports of the receiver come between the requests.
        const request = text.slice(0, end).replace(/^\$[\s\S]*?(?=[A-Z_]{4,13} rtsps?:)/, '');
        text = text.slice(end + 4);
        this.#answer(socket, request);
      }
    });
  }

  #answer(socket: Socket, request: string): void {
    const [line = ''] = request.split('\r\n');
    const sequence = /^CSeq: *(\d+)/im.exec(request)?.[1] ?? '0';
    const reply = (status: string, headers: readonly string[] = [], body = '') =>
      socket.write(
        [
          `RTSP/1.0 ${status}`,
          `CSeq: ${sequence}`,
          ...headers,
          `Content-Length: ${body.length}`,
          '',
          body,
        ].join('\r\n'),
      );
    const { challenges, silent, asks, answers = {}, keepAlive } = this.#options;
    const [method = ''] = line.split(' ');
    const answered = answers[method];
    const authorization = /^Authorization: *(.*)/im.exec(request)?.[1];
    this.requests.push(line);
    if (authorization !== undefined) this.authorizations.push(authorization);
    if (keepAlive !== undefined) this.#keepAlive(socket, keepAlive, method);
    const session = keepAlive === undefined ? 'Session: 1' : `Session: 1;timeout=${keepAlive.seconds}`;
    if (asks && authorization === undefined)
      reply('401 Unauthorized', ['WWW-Authenticate: Basic realm="camera"']);
    else if (answered !== undefined) reply(answered[0], answered.slice(1));
    else if (method === 'OPTIONS') reply('200 OK', [`Public: ${this.#methods()}`]);
    else if (challenges.length > 0) reply('401 Unauthorized', challenges);
    else if (method === 'DESCRIBE') reply('200 OK', ['Content-Type: application/sdp'], this.#description());
    else if (method === 'SETUP') reply('200 OK', ['Transport: RTP/AVP/TCP;unicast;interleaved=0-1', session]);
    else reply('200 OK', [session]);
    if (method === 'PLAY' && !silent) this.#play(socket);
  }

  #methods(): string {
    const { keepAlive } = this.#options;
    const listed = keepAlive?.listed ?? keepAlive?.method === 'GET_PARAMETER';
    return `OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN${listed ? ', GET_PARAMETER' : ''}`;
  }

  #keepAlive(socket: Socket, { seconds, method }: KeepAlive, requested: string): void {
    const isOne = method === 'any' || method === requested;
    // Until the stream runs, each request is one.
    if (!isOne && requested !== 'PLAY' && requested !== 'SETUP') return;
    clearTimeout(this.#sessions.get(socket));
    if (!this.#sessions.has(socket)) socket.once('close', () => clearTimeout(this.#sessions.get(socket)));
    this.#sessions.set(
      socket,
      setTimeout(() => socket.destroy(), 1000 * seconds),
    );
  }

  #description(): string {
    const encoding = this.#options.codec === 'h264' ? 'H264' : 'H265';
    const mode = this.#options.codec === 'h264' ? ['a=fmtp:96 packetization-mode=1'] : [];
    const media = ['m=video 0 RTP/AVP 96', `a=rtpmap:96 ${encoding}/90000`, ...mode, 'a=control:track0'];
    return ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=camera', 'c=IN IP4 0.0.0.0', 't=0 0', ...media, ''].join(
      '\r\n',
    );
  }

  #play(socket: Socket): void {
    this.connections += 1;
    const { pictures, fps, time, firstPicture, lasts } = this.#options;
    const begin = performance.now();
    let n = 0;
    let packet = 0;
    const timer = setInterval(() => {
      const elapsed = (performance.now() - begin) / 1000;
      if (lasts !== undefined && elapsed > lasts) return socket.destroy();
      for (; n <= elapsed * fps; n += 1) {
        const unit = pictures[(firstPicture + n) % pictures.length] ?? [];
        const timestamp = Math.round(90_000 * (100_000 + time(n, fps))) >>> 0;
        for (const { payload, marker } of this.#payloads(unit)) {
          packet += 1;
          socket.write(interleaved(packet, timestamp, marker, payload));
        }
      }
    }, 20);
    socket.once('close', () => clearInterval(timer));
  }

  /** RFC 6184, 5.8, and RFC 7798, 4.4.3: what does not fit into a packet is sent in fragments. */
  *#payloads(unit: AccessUnit): Generator<{ payload: Buffer; marker: boolean }> {
    const headerBytes = this.#options.codec === 'h264' ? 1 : 2;
    for (const [index, nal] of unit.entries()) {
      const last = index === unit.length - 1;
      if (nal.length <= MAX_PAYLOAD) {
        yield { payload: nal, marker: last };
        continue;
      }
      for (let from = headerBytes; from < nal.length; from += MAX_PAYLOAD) {
        const part = nal.subarray(from, from + MAX_PAYLOAD);
        const bits = (from === headerBytes ? 0x80 : 0) | (from + part.length === nal.length ? 0x40 : 0);
        const [first = 0, second = 0] = nal;
        const header =
          this.#options.codec === 'h264'
            ? [(first & 0xe0) | 28, bits | (first & 0x1f)]
            : [(first & 0x81) | (49 << 1), second, bits | ((first >> 1) & 0x3f)];
        yield { payload: Buffer.concat([Buffer.from(header), part]), marker: last && (bits & 0x40) !== 0 };
      }
    }
  }
}

/** RTP (RFC 3550) within the connection of RTSP (RFC 2326, 10.12). */
function interleaved(sequence: number, timestamp: number, marker: boolean, payload: Buffer): Buffer {
  const header = Buffer.alloc(16);
  header.write('$', 0, 'latin1');
  header.writeUInt16BE(12 + payload.length, 2);
  header.writeUInt8(0x80, 4);
  header.writeUInt8((marker ? 0x80 : 0) | 96, 5);
  header.writeUInt16BE(sequence & 0xffff, 6);
  header.writeUInt32BE(timestamp, 8);
  header.writeUInt32BE(1, 12);
  return Buffer.concat([header, payload]);
}

const ENCODERS: Record<Codec, string[]> = {
  h264: ['-c:v', 'libx264', '-preset', 'ultrafast', '-bsf:v', 'h264_metadata=aud=insert', '-f', 'h264'],
  hevc: ['-c:v', 'libx265', '-preset', 'ultrafast', '-bsf:v', 'hevc_metadata=aud=insert', '-f', 'hevc'],
};

export interface Pictures {
  codec?: Codec;
  count: number;
  /** Pictures from one key frame to the next. */
  keyInterval: number;
  size?: string;
}

/** Pictures without B-frames, as most cameras send them. */
export async function accessUnits({
  codec = 'h264',
  count,
  keyInterval,
  size = '320x240',
}: Pictures): Promise<AccessUnit[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ghostcam-pictures-'));
  try {
    const file = join(folder, 'pictures');
    await execute('ffmpeg', [
      ...['-nostdin', '-loglevel', 'error', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=10`],
      ...['-frames:v', String(count), '-g', String(keyInterval), '-bf', '0', '-pix_fmt', 'yuv420p'],
      ...(codec === 'hevc' ? ['-x265-params', 'log-level=none:repeat-headers=1:bframes=0'] : []),
      ...[...ENCODERS[codec], file],
    ]);
    return split(await readFile(file), codec);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** At the delimiters, which are no part of them. */
function split(stream: Buffer, codec: Codec): AccessUnit[] {
  const units: AccessUnit[] = [];
  for (const nal of nalUnits(stream)) {
    const [first = 0] = nal;
    const delimits = codec === 'h264' ? (first & 0x1f) === 9 : ((first >> 1) & 0x3f) === 35;
    if (delimits) units.push([]);
    else units.at(-1)?.push(nal);
  }
  return units;
}

/** Annex B of H.264 and H.265: each begins behind 00 00 01. */
function* nalUnits(stream: Buffer): Generator<Buffer> {
  const code = Buffer.from([0, 0, 1]);
  let begin = stream.indexOf(code);
  while (begin >= 0) {
    const next = stream.indexOf(code, begin + 3);
    let end = next < 0 ? stream.length : next;
    while (end > begin + 3 && stream[end - 1] === 0) end -= 1;
    yield stream.subarray(begin + 3, end);
    begin = next;
  }
}
