/** The methods by which a camera asks for a password, as ffmpeg is to see them. */
import { Transform, type TransformCallback } from 'node:stream';

/** Name and value. */
export type Header = readonly [name: string, value: string, ...rest: string[]];

/** A line of an answer of HTTP or RTSP; undefined: it is no header. */
export function parseHeader(line: string): readonly [name: string, value: string] | undefined {
  const [, name, value] = /^([\w-]{1,64})[ \t]{0,8}:[ \t]{0,8}(.{0,4096})/.exec(line) ?? [];
  return name === undefined || value === undefined ? undefined : [name, value];
}

const MAX_HEAD_BYTES = 2 ** 16;
const STATUS = 'HTTP/1.x 401';

/** Whether ffmpeg can answer it: it knows Basic, and Digest with MD5 (RFC 2617). */
export function isKnownChallenge(challenge: string): boolean {
  if (/^basic\b/i.test(challenge)) return true;
  return /^digest\b/i.test(challenge) && /^MD5(?:-sess)?$/i.test(algorithmOf(challenge) ?? 'MD5');
}

/** Of a WWW-Authenticate header: `MD5`, `SHA-256`; undefined: it names none, which means MD5 (RFC 7616, 3.3). */
export function algorithmOf(challenge: string): string | undefined {
  return /\balgorithm="?([\w-]{1,32})/i.exec(challenge)?.[1];
}

/**
 * Without the challenges that ffmpeg does not know, where it knows another: of several it answers the last, and cameras offer Digest
 * with SHA-256 after that with MD5 (RFC 7616, 3.7).
 */
export function answerable<H extends Header>(headers: readonly H[]): readonly H[] {
  const isChallenge = ([name]: Header) => /^www-authenticate$/i.test(name);
  if (!headers.some((header) => isChallenge(header) && isKnownChallenge(header[1]))) return headers;
  return headers.filter((header) => !isChallenge(header) || isKnownChallenge(header[1]));
}

/** Passes on what an HTTP camera answers, with {@link answerable} challenges. */
export class AnswerableChallenges extends Transform {
  /** The beginning of an answer, until it is known or complete; undefined: what comes is passed on. */
  #head: Buffer | undefined;

  /** The next bytes are the beginning of an answer. */
  expectAnswer(): void {
    this.#head ??= Buffer.alloc(0);
  }

  override _transform(chunk: Buffer, _: BufferEncoding, callback: TransformCallback): void {
    callback(null, this.#head === undefined ? chunk : this.#read(Buffer.concat([this.#head, chunk])));
  }

  /** What can be passed on; null: nothing yet. */
  #read(bytes: Buffer): Buffer | null {
    const text = bytes.toString('latin1', 0, MAX_HEAD_BYTES);
    const end = text.indexOf('\r\n\r\n');
    if (isRefusal(text) && end < 0 && text.length < MAX_HEAD_BYTES) {
      this.#head = bytes;
      return null;
    }
    this.#head = undefined;
    if (!isRefusal(text) || end < 0) return bytes;
    return Buffer.concat([Buffer.from(rewritten(text.slice(0, end)), 'latin1'), bytes.subarray(end)]);
  }

  override _flush(callback: TransformCallback): void {
    callback(null, this.#head);
  }
}

/** Whether it is, or may yet become, an answer of 401. */
function isRefusal(text: string): boolean {
  const begin = text.slice(0, STATUS.length).replace(/^(HTTP\/1\.)[01]/, '$1x');
  return STATUS.startsWith(begin);
}

function rewritten(head: string): string {
  const [status = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => {
    const [name = '', value = ''] = parseHeader(line) ?? [];
    return [name, value, line] as const;
  });
  return [status, ...answerable(headers).map(([, , line]) => line)].join('\r\n');
}
