/** What an RTSP camera sends is passed on as it was understood. */
import { expect, test } from 'vitest';
import { type Head, NotRtsp, RtspAnswers } from '../../src/capture/rtsp-answer.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');

function read(text: string, pieces = text.length) {
  const heads: Head[] = [];
  const answers = new RtspAnswers((head) => {
    heads.push(head);
    return head.headers.filter(([name]) => !/^location$/i.test(name));
  });
  let passed = '';
  for (let at = 0; at < text.length; at += pieces)
    passed += answers.read(bytes(text.slice(at, at + pieces))).toString('latin1');
  return { passed, heads, rest: answers.rest.toString('latin1') };
}

const DESCRIPTION = 'v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\n\r\nm=video 0 RTP/AVP 96\r\n';
const DESCRIBED = `RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Type: application/sdp\r\nContent-Length: ${DESCRIPTION.length}\r\n\r\n${DESCRIPTION}`;
const PACKET = '$\0\0\x05RTSP/';
const OPTIONS = 'RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 0\r\n\r\n';

test.each([1, 3, 10, 1000])('answers and packets in pieces of %i bytes pass as they are', (pieces) => {
  const { passed, heads, rest } = read(OPTIONS + PACKET + DESCRIBED + PACKET, pieces);
  expect(passed).toBe(OPTIONS + PACKET + DESCRIBED + PACKET);
  expect(heads.map(({ status }) => status)).toEqual([200, 200]);
  expect(rest).toBe('');
});

test('the requests of a camera pass', () => {
  const request = 'OPTIONS rtsp://viewer/ RTSP/1.0\r\nCSeq: 9\r\nContent-Length: 0\r\n\r\n';
  const { passed, heads } = read(request);
  expect(passed).toBe(request);
  expect(heads[0]?.status).toBeUndefined();
});

/** ffmpeg reads all of these as a Location. */
test.each([
  ['lines that end with \\n', 'RTSP/1.0 302 Found\nLocation: rtsp://other/\n\n'],
  ['lines of both kinds', 'RTSP/1.0 302 Found\nCSeq: 1\r\nLocation: rtsp://other/\r\n\n'],
  ['carriage returns within', 'RTSP/1.0 302 Found\r\nLoc\ration: rtsp://other/\r\n\r\n'],
  ['another case', 'RTSP/1.0 302 Found\r\nlOCATION:rtsp://other/\r\n\r\n'],
  ['two of them', 'RTSP/1.0 302 Found\r\nLocation: a\r\nLocation: rtsp://other/\r\n\r\n'],
  ['empty lines before', '\r\n\r\nRTSP/1.0 302 Found\r\nLocation: rtsp://other/\r\n\r\n'],
  ['a packet before', `${PACKET}RTSP/1.0 302 Found\r\nLocation: rtsp://other/\r\n\r\n`],
  ['a body before', `${DESCRIBED}RTSP/1.0 302 Found\r\nLocation: rtsp://other/\r\n\r\n`],
  [
    'another length before the one that counts',
    'RTSP/1.0 200 OK\r\nContent-Length: 500\r\nContent-Length: 0\r\n\r\nRTSP/1.0 302 Found\r\nLocation: rtsp://other/\r\n\r\n',
  ],
  ['a number that follows at once', 'RTSP/1.0 302\r\nLocation: rtsp://other/\r\n\r\n'],
])('nothing slips through: %s', (_, text) => {
  const { passed, heads } = read(text);
  expect(heads.at(-1)?.status).toBe(302);
  expect(heads.at(-1)?.headers.some(([name]) => /^location$/i.test(name))).toBe(true);
  expect(passed).not.toMatch(/other/);
});

test('what is no header is left out, packets within a head too', () => {
  const { passed } = read('RTSP/1.0 200 OK\r\n$\0\0\x01x\r\n Location: x\r\nno header\r\nCSeq: 1\r\n\r\n');
  expect(passed).toBe('RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 0\r\n\r\n');
});

test.each([
  ['a header in the place of the first line', 'Location: rtsp://other/\r\n\r\n'],
  ['another protocol', 'SSH-2.0-OpenSSH_9.2p1\r\n\r\n'],
  ['a head without end', 'x'.repeat(70_000)],
  ['lines without end', 'RTSP/1.0 200 OK\r\n'.repeat(5_000)],
  ['empty lines without end', '\r\n'.repeat(40_000)],
  ['a body of a gigabyte', 'RTSP/1.0 200 OK\r\nContent-Length: 999999999\r\n\r\n'],
])('%s is not waited for', (_, text) => {
  expect(() => read(text)).toThrow(NotRtsp);
  expect(() => read(text, 1000)).toThrow(NotRtsp);
});
