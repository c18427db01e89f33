/** The addresses of cameras: streams, video files, and the test picture. */
import { fileURLToPath } from 'node:url';
import { Address } from './address.js';
import { AddressError, parseAddress } from './parse.js';

const STREAM_SCHEMES = ['rtsp', 'rtsps', 'http', 'https'] as const;

export type CameraAddress = Address<(typeof STREAM_SCHEMES)[number] | 'file' | 'test'>;

/** The picture that ffmpeg makes itself. */
export const TEST_PICTURE = 'test:';

/**
 * Reads `rtsp(s)://`, `http(s)://`, `file:`, a path, or `test:`. Whether a file exists is not looked up.
 * @throws AddressError
 */
export function parseCameraAddress(text: string): CameraAddress {
  if (text.trim() === TEST_PICTURE) return local('test', '');
  if (/^file:/i.test(text)) return local('file', filePath(text));
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text.trim())) return local('file', text);
  const address = parseAddress(text, STREAM_SCHEMES);
  // HTTP and RTSP end a user name at its first colon (RFC 7617, 2), whatever a URL says.
  if (address.username?.includes(':')) throw new AddressError('its user name holds a colon', true);
  return address;
}

function local<const S extends 'file' | 'test'>(scheme: S, path: string): Address<S> {
  const none = { host: '', port: undefined, query: undefined, username: undefined, password: undefined };
  return new Address({ scheme, path, ...none });
}

/** RFC 8089, and the relative paths that it does not know. */
function filePath(text: string): string {
  try {
    return /^file:\/\/(?:localhost)?\//i.test(text)
      ? fileURLToPath(text)
      : decodeURIComponent(text.replace(/^file:(?:\/\/)?/i, ''));
  } catch {
    throw new AddressError('a %XX in it is no character of a path');
  }
}
