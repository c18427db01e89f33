/** A forward proxy on the loopback interface, through which ffmpeg reaches the host of one HTTP camera and no other. */
import type { Socket } from 'node:net';
import { Address } from '../address/address.js';
import { type CameraAddress, portOf } from '../address/camera.js';
import { withPlainZone } from '../address/parse.js';
import type { CameraConfig } from '../config/types.js';
import { type CameraTls, cameraTls, connectToCamera, type TlsSettings } from './camera-tls.js';
import { AnswerableChallenges } from './challenges.js';
import { connectionComplaint } from './connection-complaint.js';
import type { InputKind } from './input.js';
import { LoopbackServer } from './loopback-server.js';

const MAX_REQUEST_BYTES = 65_536;
/** How much of an answer shows what it begins with. */
const MAX_ANSWER_BYTES = 4_096;
/** `HTTP/1.1 200` and the end of a line. */
const MIN_STATUS_LINE = 14;
const DEFAULT_PORT = 80;
/** How a JPEG begins: the marker SOI and the first byte of another one. */
const JPEG = '\xff\xd8\xff';

/** Where a request goes, and the request without the proxy's part. */
interface Target {
  host: string;
  port: number;
  /** Of CONNECT nothing is sent on. */
  head: string | undefined;
}

/**
 * ffmpeg follows redirects, and reads what a playlist names, wherever that lies, and no version has an option against it. Of a proxy it
 * asks for each address: this one connects to any port of one host, and refuses the rest. Answers of the camera pass as they are, TLS
 * passes unread (CONNECT; RFC 9110, 9.3.6). Of a camera that sends one picture at a time TLS is the proxy's, for ffmpeg's input of such
 * pictures takes no option of TLS: it is asked for {@link withoutTls}, and what is named with https is refused.
 */
export class HostProxy {
  readonly #host: string;
  readonly #port: number;
  /** Undefined: TLS, if any, is ffmpeg's. */
  readonly #tls: CameraTls | undefined;
  readonly #server = new LoopbackServer((client) => this.#serve(client));
  #reached = false;
  #answered = false;
  #refused: string | undefined;
  #endless: boolean | undefined;
  #showsJpegs = false;
  /** The last answer was a redirect. */
  #redirected = false;
  /** What the last answer is that no video can be, in ffmpeg's words or ours. */
  #strange: string | undefined;
  /** Of the last redirect, where it is another than HTTP. */
  #protocol: string | undefined;
  #failure: NodeJS.ErrnoException | undefined;
  /** Called when the camera sends JPEGs one after the other with nothing around them; TLS hides it. */
  onJpegs: () => void = () => {};

  /** @throws Error: the certificates cannot be read, or no port be had. */
  static async start(camera: Pick<CameraConfig, 'url'> & TlsSettings, kind: InputKind): Promise<HostProxy> {
    const isTls = camera.url.scheme === 'https' && kind === 'still';
    const proxy = new HostProxy(camera.url, isTls ? await cameraTls(camera) : undefined);
    await proxy.#server.listen();
    return proxy;
  }

  private constructor(url: CameraAddress, tls: CameraTls | undefined) {
    this.#host = url.host.toLowerCase();
    this.#port = portOf(url);
    this.#tls = tls;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  /** The camera has accepted a connection. */
  get reached(): boolean {
    return this.#reached;
  }

  /** It has sent something. */
  get answered(): boolean {
    return this.#answered;
  }

  /** Whether the answer does not say its length; undefined: none has come, or TLS hides it. */
  get endless(): boolean | undefined {
    return this.#endless;
  }

  /** Whether a JPEG begins in what an endless answer begins with, whatever stands before it; TLS hides it. */
  get showsJpegs(): boolean {
    return this.#showsJpegs;
  }

  /** The other host that was asked for last. */
  get refused(): string | undefined {
    return this.#refused;
  }

  /** Why the camera could not be connected to, where its redirects lead or what it answers instead of video, in ffmpeg's words. */
  get complaint(): string | undefined {
    if (this.#protocol !== undefined) return `Protocol '${this.#protocol}' not on whitelist`;
    if (this.#failure !== undefined) return connectionComplaint(this.#failure, this.#host);
    return this.#redirected ? 'Redirect not followed' : this.#strange;
  }

  stop(): void {
    this.#server.close();
    this.#server.disconnect();
  }

  #serve(client: Socket): void {
    let text = '';
    let upstream: Socket | undefined;
    let answers = new AnswerableChallenges();
    let authority = '';
    let stopExamining = () => {};
    const read = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      // ffmpeg sends one request at a time, and no body.
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) {
        if (text.length > MAX_REQUEST_BYTES) client.destroy();
        return;
      }
      const target = targetOf(text.slice(0, end + 4));
      text = text.slice(end + 4);
      if (target === undefined || target.host !== this.#host) return this.#refuse(client, target?.host);
      if (target.head === undefined && this.#tls !== undefined)
        return this.#refuse(client, `${target.host} by https`);
      if (upstream === undefined || authority !== `${target.host}:${target.port}`) {
        answers.unpipe(client);
        upstream?.destroy();
        authority = `${target.host}:${target.port}`;
        upstream = this.#connect(client, target);
        answers = new AnswerableChallenges();
        upstream.pipe(answers).pipe(client);
      }
      stopExamining();
      // What passes through a tunnel is TLS.
      stopExamining = this.#examine(upstream, target.head === undefined);
      if (target.head !== undefined) {
        answers.expectAnswer();
        upstream.write(target.head, 'latin1');
        return;
      }
      client.off('data', read);
      upstream.once('connect', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        if (upstream !== undefined) client.pipe(upstream);
      });
    };
    client.on('data', read);
    client.once('close', () => upstream?.destroy());
  }

  #connect(client: Socket, { host, port }: Target): Socket {
    const tls = port === this.#port ? this.#tls : undefined;
    const upstream = connectToCamera({ host, port }, tls, () => {
      this.#reached = true;
    });
    this.#server.keep(upstream);
    upstream.once('data', () => {
      this.#failure = undefined;
    });
    upstream.on('error', (error) => {
      this.#failure = error;
      client.destroy();
    });
    return upstream;
  }

  /**
   * What the answer to the request that is about to be sent begins with.
   * @returns Ends it: the next request has another answer, and of one in small chunks too little may have come.
   */
  #examine(upstream: Socket, isTunnel: boolean): () => void {
    let begin = '';
    let isKnown = false;
    const examine = (chunk: Buffer) => {
      this.#answered = true;
      if (isTunnel) {
        upstream.off('data', examine);
        return;
      }
      begin += chunk.toString('latin1', 0, MAX_ANSWER_BYTES);
      const isLong = begin.length >= MAX_ANSWER_BYTES;
      // Nothing need follow what is no success.
      const enough = /^HTTP\/1\.[01] 200/.test(begin) ? /\r\n\r\n[\s\S]{3}/ : /\r\n\r\n/;
      if (!isLong && !isForeign(begin) && !enough.test(begin)) return;
      if (!isKnown) this.#classify(begin);
      isKnown = true;
      this.#showsJpegs = this.#endless === true && begin.includes(JPEG);
      // No other answer follows one that does not end.
      if (isLong || this.#showsJpegs || !this.#endless) upstream.off('data', examine);
    };
    upstream.on('data', examine);
    return () => upstream.off('data', examine);
  }

  #classify(begin: string): void {
    this.#endless = isEndless(begin);
    this.#redirected = isRedirect(begin);
    this.#protocol = this.#redirected ? otherProtocol(begin) : undefined;
    this.#strange = strangeness(begin);
    if (isJpegs(begin)) this.onJpegs();
  }

  #refuse(client: Socket, host: string | undefined): void {
    this.#refused = host !== undefined && /^[\w.: -]{1,255}$/.test(host) ? host : 'of no usable name';
    client.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  }
}

/** The address that a client of the proxy asks for: of https the same port, to which the proxy speaks TLS. */
export function withoutTls(url: CameraAddress): Address {
  return url.scheme === 'https' ? new Address({ ...url, scheme: 'http', port: portOf(url) }) : url;
}

/** Whether a JPEG follows the head of the answer, in chunks or not (RFC 9112, 7.1), and it is not said to be all. */
function isJpegs(answer: string): boolean {
  if (isEndless(answer) !== true) return false;
  const [, ...body] = answer.split('\r\n\r\n');
  return /^(?:[0-9a-f]{1,8}\r\n)?\xff\xd8\xff/i.test(body.join('\r\n\r\n'));
}

/** Whether the answer is a success without a length; undefined: it is no answer of HTTP that can be read. */
function isEndless(answer: string): boolean | undefined {
  const [head = ''] = answer.split('\r\n\r\n', 1);
  if (!head.startsWith('HTTP/1.')) return undefined;
  return /^HTTP\/1\.[01] 200 /.test(head) && !/^content-length:/im.test(head);
}

/** Long enough to say that it is of another protocol, or of none. */
function isForeign(answer: string): boolean {
  return answer.length >= MIN_STATUS_LINE && !/^(?:HTTP|ICY|RTSP)/.test(answer);
}

/** What the answer is instead of video; undefined: it may be video, or ffmpeg says it. */
function strangeness(answer: string): string | undefined {
  if (isForeign(answer)) return 'no answer of HTTP';
  const [head = ''] = answer.split('\r\n\r\n', 1);
  const empty = /^HTTP\/1\.[01] (20[1-9][^\r\n]{0,60})/.exec(head)?.[1];
  if (empty !== undefined) return `HTTP error ${empty}`;
  const isPage = /^HTTP\/1\.[01] 200/.test(head) && /^content-type:[ \t]{0,16}text\/html/im.test(head);
  return isPage ? 'a page (text/html)' : undefined;
}

function isRedirect(answer: string): boolean {
  return /^HTTP\/1\.[01] 30[12378] /.test(answer);
}

/** The scheme of the address that a redirect leads to, where it is not HTTP's. */
function otherProtocol(answer: string): string | undefined {
  const [head = ''] = answer.split('\r\n\r\n', 1);
  const scheme = /^location:[ \t]{0,16}(\w{1,20}):/im.exec(head)?.[1]?.toLowerCase();
  return scheme === 'http' || scheme === 'https' ? undefined : scheme;
}

/** The target of a request to a proxy: `CONNECT host:port HTTP/1.1`, or `GET http://host:port/path HTTP/1.1` (RFC 9112, 3.2). */
function targetOf(request: string): Target | undefined {
  const [, method = '', target = '', rest = ''] =
    /^([A-Z]{1,16}) (\S+) (HTTP\/1\.[01]\r\n[\s\S]*)$/.exec(request) ?? [];
  const tunnel = method === 'CONNECT';
  const [, authority = '', path = ''] =
    (tunnel ? /^([^/?#]+)()$/ : /^http:\/\/([^/?#]+)(.*)$/i).exec(target) ?? [];
  const [, bracketed, name, port] =
    /^(?:\[([0-9a-f:.]+(?:%[\w.~-]{1,32})?)\]|([^:@[\]]+))(?::(\d{1,5}))?$/i.exec(authority) ?? [];
  const host = (bracketed === undefined ? name : withPlainZone(bracketed))?.toLowerCase();
  if (host === undefined || Number(port ?? DEFAULT_PORT) > 65_535) return undefined;
  const origin = path.startsWith('/') ? path : `/${path}`;
  return {
    host,
    port: Number(port ?? DEFAULT_PORT),
    head: tunnel ? undefined : `${method} ${origin} ${rest}`,
  };
}
