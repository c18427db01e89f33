/** What an RTSP camera sends on its connection: answers, and packets between them (RFC 2326, 7 and 10.12). */
import { parseHeader } from './challenges.js';

const MAX_HEAD_BYTES = 2 ** 16;
const MAX_BODY_BYTES = 2 ** 20;
/** Most heads are shorter: of many small ones that come together not all that follows is read for each. */
const USUAL_HEAD_BYTES = 2 ** 10;
const PACKET_HEADER_BYTES = 4;
const DOLLAR = 0x24;

/** The head of an answer, or of a request that the camera makes. */
export interface Head {
  /** `RTSP/1.0 302 Moved Temporarily`. */
  line: string;
  /** Undefined: of a request. */
  status: number | undefined;
  headers: readonly (readonly [name: string, value: string])[];
}

/** The camera does not speak RTSP, or says more at once than is read. */
export class NotRtsp extends Error {}

/**
 * Passes on what arrives, answer by answer. Each head is written anew from what was understood of it, so that its reader cannot
 * understand something else: lines that are no headers are left out, and there is one Content-Length.
 */
export class RtspAnswers {
  readonly #edit: (head: Head) => Head['headers'];
  #rest: Buffer = Buffer.alloc(0);

  /** @param edit Returns the headers that are passed on, or throws. */
  constructor(edit: (head: Head) => Head['headers']) {
    this.#edit = edit;
  }

  /**
   * @returns What is complete.
   * @throws NotRtsp, and what `edit` throws.
   */
  read(chunk: Buffer): Buffer {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const complete: Buffer[] = [];
    for (let next = this.#next(); next !== undefined; next = this.#next()) complete.push(next);
    return Buffer.concat(complete);
  }

  /** What is not complete yet. */
  get rest(): Buffer {
    return this.#rest;
  }

  #next(): Buffer | undefined {
    if (this.#rest[0] === DOLLAR) {
      if (this.#rest.length < PACKET_HEADER_BYTES) return undefined;
      return this.#take(PACKET_HEADER_BYTES + this.#rest.readUInt16BE(2));
    }
    const { whole, lines } = this.#head(USUAL_HEAD_BYTES) ?? this.#head(MAX_HEAD_BYTES) ?? {};
    if (whole === undefined || lines === undefined) {
      if (this.#rest.length >= MAX_HEAD_BYTES) throw new NotRtsp('its answer has no end');
      return undefined;
    }
    const { line, status, headers } = parseHead(lines);
    const length = contentLength(headers);
    if (length > MAX_BODY_BYTES) throw new NotRtsp('its answer is too long');
    const answer = this.#take(whole.length + length);
    if (answer === undefined) return undefined;
    const passed = this.#edit({ line, status, headers }).filter(([name]) => !/^content-length$/i.test(name));
    const head = [line, ...passed.map((header) => header.join(': ')), `Content-Length: ${length}`, '', ''];
    return Buffer.concat([Buffer.from(head.join('\r\n'), 'latin1'), answer.subarray(whole.length)]);
  }

  /** Where it is complete within so many bytes: all of it, and without what stands before and behind it. */
  #head(maxBytes: number): { whole: string; lines: string } | undefined {
    const text = this.#rest.toString('latin1', 0, maxBytes);
    // An answer may begin with empty lines, and its lines may end with \n alone.
    const [whole, lines] = /^[\r\n]{0,64}([^\r\n][\s\S]*?)\n\r?\n/.exec(text) ?? [];
    return whole === undefined || lines === undefined ? undefined : { whole, lines };
  }

  #take(bytes: number): Buffer | undefined {
    if (this.#rest.length < bytes) return undefined;
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return taken;
  }
}

function parseHead(text: string): Head {
  const [line = '', ...others] = text.replaceAll('\r', '').split('\n');
  if (!/^(?:RTSP\/\d\.\d \d{3}(?: |$)|[A-Z_]{1,32} \S{1,4096} RTSP\/\d\.\d *$)/i.test(line))
    throw new NotRtsp('its answer is none');
  const status = /^RTSP\/\d\.\d (\d{3})(?: |$)/i.exec(line)?.[1];
  const headers = others.flatMap((other) => {
    const header = parseHeader(other);
    return header === undefined ? [] : [header];
  });
  return { line, status: status === undefined ? undefined : Number(status), headers };
}

/** The last one counts, as it does for ffmpeg. */
function contentLength(headers: Head['headers']): number {
  const value = headers.findLast(([name]) => /^content-length$/i.test(name))?.[1];
  const digits = /^\d{1,9}/.exec(value ?? '');
  return digits === null ? 0 : Number(digits[0]);
}
