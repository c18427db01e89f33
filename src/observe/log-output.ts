/**
 * Standard error, to which the log is written, whatever becomes of it: a full disk, a reader that left, one that stands still.
 * A line that cannot be written is lost and counted; nothing else happens.
 */
import { fstatSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Bytes that may wait for a reader that stands still: a few hundred lines. */
const MAX_PENDING_BYTES = 1 << 16;

export interface LogOutput {
  write(line: string): void;
  /** Lines that were lost since the start. */
  readonly lost: number;
}

/** @param fd Of standard error; tests pass another one with `stream`. */
export function standardErrorOutput(fd = 2, stream: NodeJS.WriteStream = process.stderr): LogOutput {
  // Node's stream of a file ends for good with the first line that the disk has no room for.
  const write = isFile(fd) ? writeToFile(fd) : writeToStream(stream);
  let lost = 0;
  let unreported = 0;
  const lose = () => {
    lost += 1;
    unreported += 1;
  };
  return {
    get lost() {
      return lost;
    },
    write(line) {
      const report = unreported === 0 ? '' : `${unreported} lines of the log were lost before this one\n`;
      if (write(report + line, lose)) unreported = 0;
      else lose();
    },
  };
}

/** Writes, or returns false; `onLost` is called when a line that was accepted is lost later. */
type Write = (text: string, onLost: () => void) => boolean;

function isFile(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    return stats.isFile() || (stats.isCharacterDevice() && !isatty(fd));
  } catch {
    return false;
  }
}

function writeToFile(fd: number): Write {
  return (text) => {
    try {
      writeSync(fd, text);
      return true;
    } catch {
      return false;
    }
  };
}

function writeToStream(stream: NodeJS.WriteStream): Write {
  // Each write reports its own failure; without a listener the stream's event would end the process.
  stream.on('error', () => {});
  return (text, onLost) => {
    if (stream.destroyed || stream.writableLength > MAX_PENDING_BYTES) return false;
    stream.write(text, (error) => {
      if (error) onLost();
    });
    return true;
  };
}
