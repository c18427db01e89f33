/** The target `answers`: what an RTSP camera says, damaged, whole and in pieces: ffmpeg, as it reads, gets no Location to follow. */
import { NotRtsp, RtspAnswers } from '../../src/capture/rtsp-answer.js';
import { mutateBytes } from './bytes.js';
import type { Target } from './target.js';

const DESCRIPTION = 'v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\n\r\nm=video 0 RTP/AVP 96\r\n';
const SEEDS = [
  'RTSP/1.0 302 Moved\r\nCSeq: 2\r\nLocation: rtsp://other/\r\n\r\n',
  `RTSP/1.0 200 OK\r\nContent-Length: ${DESCRIPTION.length}\r\n\r\n${DESCRIPTION}$\0\0\x04abcdRTSP/1.0 301 X\nLocation: a\n\n`,
  'OPTIONS rtsp://viewer/ RTSP/1.0\r\nCSeq: 9\r\n\r\n$\x01\0\x02ab\r\nRTSP/1.0 302 Found\r\nContent-Length: 5\r\nLocation: b\r\n\r\n12345',
];

export function answersTarget(): Target {
  return {
    name: 'answers',
    limitMs: 2000,
    seeds: () => SEEDS,
    mutate: mutateBytes,
    run(input) {
      const whole = pass(input, input.length + 1);
      const pieces = pass(input, 7);
      // What is complete before something that is no answer comes with it, and then nothing does: the connection ends.
      const isSame =
        whole.end === 'all' ? pieces.passed === whole.passed : pieces.passed.startsWith(whole.passed);
      if (!isSame || whole.end !== pieces.end)
        throw new Error(`in pieces: ${pieces.passed}, whole: ${whole.passed}`);
      const lines = [whole, pieces].flatMap(({ passed }) => readAsFfmpeg(passed));
      if (lines.some((line) => /^location:/i.test(line))) throw new Error(`passed: ${whole.passed}`);
      return `${whole.end} ${Math.min(5, lines.length)}`;
    },
  };
}

function pass(input: string, length: number): { passed: string; end: string } {
  const answers = new RtspAnswers(({ headers }) => headers.filter(([name]) => !/^location$/i.test(name)));
  let passed = '';
  for (let at = 0; at < input.length; at += length) {
    try {
      passed += answers.read(Buffer.from(input.slice(at, at + length), 'latin1')).toString('latin1');
    } catch (error) {
      if (!(error instanceof NotRtsp)) throw error;
      return { passed, end: error.message };
    }
  }
  return { passed, end: 'all' };
}

/** The lines of heads, as libavformat/rtsp.c takes them: byte by byte, without `\r`, a packet wherever a line begins with `$`. */
function readAsFfmpeg(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  let body = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '$' && line === '') {
      at += 3 + text.charCodeAt(at + 2) * 256 + text.charCodeAt(at + 3);
    } else if (character === '\n') {
      const length = /^content-length:[ \t]*(\d{1,9})/i.exec(line)?.[1];
      if (length !== undefined) body = Number(length);
      if (line === '') {
        at += body;
        body = 0;
      } else lines.push(line);
      line = '';
    } else if (character !== '\r') line += character;
  }
  return lines;
}
