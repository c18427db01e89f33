/** The folder in which the daemon may keep what it has found out. */
import { isAbsolute, join } from 'node:path';
import type { Environment } from './env-file.js';

/**
 * systemd's StateDirectory, else the one of the XDG base directory specification; undefined where the environment names none. It need not
 * be there yet.
 */
export function stateFolder({ STATE_DIRECTORY, XDG_STATE_HOME, HOME }: Environment): string | undefined {
  // https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RuntimeDirectory=: several are separated by colons.
  const [ofService] = (STATE_DIRECTORY ?? '').split(':');
  if (ofService) return ofService;
  if (XDG_STATE_HOME !== undefined && isAbsolute(XDG_STATE_HOME)) return join(XDG_STATE_HOME, 'ghostcam');
  if (HOME !== undefined && isAbsolute(HOME)) return join(HOME, '.local', 'state', 'ghostcam');
  return undefined;
}
