/** Everything that a path can be but a readable file. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';

/** Makes one of each kind in `folder`. The socket lives as long as the server. */
export function makeBadPaths(folder: string): { paths: Record<string, string>; server: Server } {
  const at = (name: string) => join(folder, name);
  writeFileSync(at('file'), 'content\n');
  symlinkSync(at('loop'), at('loop'));
  execFileSync('mkfifo', [at('fifo')]);
  mkdirSync(at('folder'));
  mkdirSync(at('closed'));
  writeFileSync(at('closed/file'), 'content\n');
  writeFileSync(at('unreadable'), 'content\n');
  chmodSync(at('unreadable'), 0o000);
  chmodSync(at('closed'), 0o000);
  const server = createServer().listen(at('socket'));
  const paths = {
    missing: at('missing'),
    'in a folder that may not be entered': at('closed/file'),
    'not to be read': at('unreadable'),
    'a loop of links': at('loop'),
    'a name too long': at('x'.repeat(300)),
    'a path too long': at('x/'.repeat(3000)),
    'below a file': at('file/x'),
    'a folder': at('folder'),
    'a FIFO': at('fifo'),
    'a socket': at('socket'),
    'an endless device': '/dev/zero',
    'a terminal': '/dev/tty',
  };
  return { paths, server };
}
