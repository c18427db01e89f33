/** Exit codes, from sysexits.h where it has one: README documents them and the systemd unit relies on them. */
import type { ErrorCode } from '../errors.js';

export const EXIT = {
  ok: 0,
  /** Something failed while running. */
  failure: 1,
  /** Wrong arguments (EX_USAGE). */
  usage: 64,
  /** A part of the installation is missing: ffmpeg, the addon, the runtime library (EX_UNAVAILABLE). */
  unavailable: 69,
  /** The env file or what it names must be mended; starting again cannot help (EX_CONFIG). */
  config: 78,
} as const;

export function exitCodeOf(code: ErrorCode): number {
  switch (code) {
    case 'CONFIG':
    case 'MODEL':
    case 'PROVIDER':
    case 'MQTT':
      return EXIT.config;
    case 'FFMPEG':
    case 'ADDON':
    case 'RUNTIME':
      return EXIT.unavailable;
    default:
      return EXIT.failure;
  }
}
