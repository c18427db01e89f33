/** What a camera that refuses a password asks for, which ffmpeg does not log. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type CameraAddress, portOf } from '../address/camera.js';
import { algorithmOf, isKnownChallenge } from './challenges.js';

const TIMEOUT_MS = 3_000;
const MAX_ANSWER_BYTES = 8_192;
const MAX_CHALLENGES = 8;

/**
 * Asks the camera without credentials, and returns the methods that it offers when ffmpeg knows none of them: it knows Basic, and
 * Digest with MD5 (RFC 2617). Undefined: it knows one, or the camera did not answer. Never rejects.
 */
export async function unknownMethods(address: CameraAddress): Promise<string[] | undefined> {
  const challenges = challengesOf(await answerOf(address));
  if (challenges.length === 0 || challenges.some(isKnownChallenge)) return undefined;
  return challenges.map((challenge) => {
    const algorithm = algorithmOf(challenge);
    const scheme = /^[\w-]{1,32}/.exec(challenge)?.[0] ?? 'an unknown method';
    return algorithm === undefined ? scheme : `${scheme} with ${algorithm}`;
  });
}

/** The beginning of the answer; empty where there is none. */
function answerOf(address: CameraAddress): Promise<string> {
  const { scheme, host } = address;
  const target = { host, port: portOf(address) };
  return new Promise((resolve) => {
    const secure = scheme === 'rtsps' || scheme === 'https';
    // No credential is sent, so that it does not matter who answers.
    const socket: Socket = secure ? connectTls({ ...target, rejectUnauthorized: false }) : connectTcp(target);
    let answer = '';
    const finish = () => {
      socket.destroy();
      clearTimeout(timer);
      resolve(answer);
    };
    const timer = setTimeout(finish, TIMEOUT_MS);
    socket.setEncoding('latin1');
    socket.once(secure ? 'secureConnect' : 'connect', () => socket.write(request(address)));
    socket.on('data', (chunk) => {
      answer += chunk;
      if (answer.length > MAX_ANSWER_BYTES || answer.includes('\r\n\r\n')) finish();
    });
    socket.on('error', finish);
    socket.on('end', finish);
  });
}

/** Without the query, in which makers put credentials. */
function request(address: CameraAddress): string {
  const url = address
    .withCredentials({ username: undefined, password: undefined })
    .href()
    .replace(/\?.*$/, '');
  if (address.scheme === 'rtsp' || address.scheme === 'rtsps') {
    return `DESCRIBE ${url} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n`;
  }
  const path = /^\w+:\/\/[^/]*(\/.*)$/.exec(url)?.[1] ?? '/';
  return `GET ${path} HTTP/1.1\r\nHost: ${address.authority()}\r\nConnection: close\r\n\r\n`;
}

function challengesOf(answer: string): string[] {
  if (!/^(?:RTSP|HTTP)\/\d\.\d 401\b/.test(answer)) return [];
  return answer
    .split(/\r?\n/)
    .flatMap((line) => /^www-authenticate:[ \t]{0,8}(.{1,500})/i.exec(line)?.[1] ?? [])
    .slice(0, MAX_CHALLENGES);
}
