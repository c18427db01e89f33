/** The addresses of cameras: streams, video devices, video files, and the test picture. */
import { fileURLToPath } from 'node:url';
import { Address } from './address.js';
import { AddressError, parseAddress } from './parse.js';

const STREAM_SCHEMES = ['rtsp', 'rtsps', 'http', 'https'] as const;

export type CameraAddress = Address<(typeof STREAM_SCHEMES)[number] | 'v4l2' | 'file' | 'test'>;

const DEFAULT_PORTS: Partial<Record<CameraAddress['scheme'], number>> = {
  rtsp: 554,
  rtsps: 322,
  http: 80,
  https: 443,
};

/** The port to connect to, the scheme's own where none is named; 0: it is no address of a network. */
export function portOf({ scheme, port }: Pick<CameraAddress, 'scheme' | 'port'>): number {
  return port ?? DEFAULT_PORTS[scheme] ?? 0;
}

/** Whether the camera is a web server, with TLS or without. */
export function isHttp({ scheme }: Pick<CameraAddress, 'scheme'>): boolean {
  return scheme === 'http' || scheme === 'https';
}

/** The picture that ffmpeg makes itself. */
const TEST_PICTURE = 'test:';

/**
 * Reads `rtsp(s)://`, `http(s)://`, `v4l2:/dev/video0`, `file:`, a path, or `test:`. Whether a file exists is not looked up.
 * @throws AddressError
 */
export function parseCameraAddress(text: string): CameraAddress {
  if (text.trim() === TEST_PICTURE) return local('test', '');
  if (/^v4l2:/i.test(text.trim())) return local('v4l2', devicePath(text.trim()));
  if (/^file:/i.test(text)) return local('file', filePath(text));
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text.trim())) return local('file', text);
  const address = parseAddress(text, STREAM_SCHEMES);
  // HTTP and RTSP end a user name at its first colon (RFC 7617, 2), whatever a URL says.
  if (address.username?.includes(':')) throw new AddressError('its user name holds a colon', true);
  return address;
}

function local<const S extends 'v4l2' | 'file' | 'test'>(scheme: S, path: string): Address<S> {
  const none = { host: '', port: undefined, query: undefined, username: undefined, password: undefined };
  return new Address({ scheme, path, ...none });
}

/** The device of Video4Linux, such as `/dev/video0` or `/dev/v4l/by-id/usb-046d_C270-video-index0`. */
function devicePath(text: string): string {
  const path = text.replace(/^v4l2:(?:\/\/)?/i, '');
  if (!/^\/dev\/(?:video\d{1,3}|v4l\/by-(?:id|path)\/[\w.:-]{1,200})$/.test(path)) {
    throw new AddressError('it is no video device such as v4l2:/dev/video0');
  }
  return path;
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
