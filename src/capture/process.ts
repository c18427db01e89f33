import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { processCpuSeconds } from '../native/cpu-time.js';

/** How a child process ended: one of the three is set. */
export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** It never ran, e.g. because the file is not executable. */
  error?: Error;
}

/** Ends ffmpeg that ignores SIGTERM, as it does while a frozen camera keeps its TEARDOWN waiting. */
const graceMs = 2_000;
const maxLineLength = 2_000;

const running = new Set<ChildProcessByStdio<null, Readable, Readable>>();
let hooked = false;

/** One ffmpeg: started by the constructor, over when `ended` resolves, never left behind. */
export class FfmpegProcess {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  #cpuSeconds: number | undefined;
  #over = false;
  readonly stdout: Readable;
  /** Resolves, never rejects, once the process is gone and its pipes are closed. */
  readonly ended: Promise<ProcessEnd>;

  /** @param onLine Called with each line of standard error, credentials and all. */
  constructor(path: string, args: readonly string[], onLine: (line: string) => void) {
    killAllAtExit();
    this.#child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(this.#child);
    this.ended = new Promise((resolve) => {
      const end = (how: ProcessEnd) => {
        this.#over = true;
        running.delete(this.#child);
        resolve(how);
      };
      // Only a failed start counts: a failed kill of a running process is an 'error' too.
      this.#child.on('error', (error) => {
        if (this.#child.pid === undefined) end({ code: null, signal: null, error });
      });
      this.#child.once('close', (code, signal) => end({ code, signal }));
    });
    // Node leaves the pipes undefined when it has no file descriptor for them.
    this.stdout = this.#child.stdout ?? Readable.from([]);
    if (this.#child.stderr) splitLines(this.#child.stderr, onLine);
  }

  /** User and system CPU time so far, undefined where it is unknown. The last known value once it is over. */
  cpuSeconds(): number | undefined {
    if (!this.#over && this.#child.pid !== undefined) {
      this.#cpuSeconds = processCpuSeconds(this.#child.pid) ?? this.#cpuSeconds;
    }
    return this.#cpuSeconds;
  }

  /**
   * Resolves when what was in the pipes of ffmpeg at the time of the call has been read: so that what it logged before it wrote a
   * frame is known before the frame is used. The two turns of the event loop have one complete poll for input between them, in
   * which libuv reads what a pipe holds.
   */
  async pipesRead(): Promise<void> {
    await turn();
    await turn();
  }

  /** SIGTERM, so that the camera is told, then SIGKILL; resolves when the process is gone. */
  async stop(): Promise<ProcessEnd> {
    this.cpuSeconds();
    // Read on, unheard: an ffmpeg that waits to write would not see the signal.
    this.stdout.resume();
    this.#child.kill('SIGTERM');
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    const end = await this.ended;
    clearTimeout(kill);
    return end;
  }
}

/** process.exit() and uncaught errors end this process without a chance to wait. */
function killAllAtExit(): void {
  if (hooked) return;
  hooked = true;
  process.once('exit', () => {
    for (const child of running) child.kill('SIGKILL');
  });
}

function splitLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split(/[\r\n]+/);
    rest = (lines.pop() ?? '').slice(0, maxLineLength);
    for (const line of lines) if (line !== '') onLine(line.slice(0, maxLineLength));
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
