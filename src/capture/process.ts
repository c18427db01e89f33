/** One ffmpeg as a child process: bounded in memory, ended with everything that it started, never left behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { Readable, type Writable } from 'node:stream';
import { processCpuSeconds } from '../native/cpu-time.js';

/** How a child process ended: one of the three is set. */
export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** It never ran, e.g. because the file is not executable, or was ended by us because of this. */
  error?: Error;
}

/** Ends ffmpeg that ignores SIGTERM, as it does while a frozen camera keeps its TEARDOWN waiting. */
const GRACE_MS = 2_000;
/** After SIGKILL or an exit: what is not gone then is waited for no longer. */
const GONE_MS = 1_000;
const MAX_LINE_LENGTH = 2_000;
/**
 * Data segment of ffmpeg in KiB (RLIMIT_DATA, which counts private memory on Linux 4.7 and later). A picture of 7680x4320 takes
 * 50 MB, and H.264 keeps up to 17 of them. RLIMIT_AS is of no use here: drivers of GPUs reserve more addresses than a board has memory.
 */
export const MAX_DATA_KIB = 2 ** 20;

/**
 * Becomes ffmpeg, which thereby keeps the process id, after it has bounded the memory and started a guard. The guard shares
 * ffmpeg's process group and reads from a pipe whose other end only this process holds: when that end is closed, be it by
 * SIGKILL of this process, it ends the group, and before that whoever has left the group: all that ffmpeg or a wrapper started have
 * inherited a variable with its process id. PR_SET_PDEATHSIG would reach ffmpeg, but no program between us and ffmpeg.
 */
const LAUNCHER = `ulimit -d "$1" 2>/dev/null
mark="GHOSTCAM_FFMPEG=$$;"
(
  trap '' TERM INT HUP
  read -r line
  for file in $(grep -lsF "$mark" /proc/[0-9]*/environ); do
    file=\${file#/proc/}
    kill -KILL "\${file%/environ}"
  done
  kill -KILL 0
) <&3 >/dev/null 2>&1 &
export "$mark"
[ -z "$2" ] || { unset no_proxy NO_PROXY; export http_proxy="$2"; }
shift 2
exec "$@" 3<&-`;
const SHELL = process.platform === 'android' ? 'sh' : '/bin/sh';
/** POSIX.1-2017, XCU 2.8.2: a command that was found but does not run, and one that was not found. */
const NOT_STARTED = new Set<number | null>([126, 127]);
/** dash: `ffmpeg: 4: exec: /no/such: not found`; bash: `ffmpeg: line 4: /no/such: No such file or directory`. */
const SHELL_COMPLAINT = /^ffmpeg: (?:line )?\d{1,3}: (?:exec: )?(.{1,500})$/;

/** Started by the constructor, over when `ended` resolves. */
export class FfmpegProcess {
  readonly #child: ChildProcess;
  #cpuSeconds: number | undefined;
  #over = false;
  #complaint: string | undefined;
  #resolve: (end: ProcessEnd) => void = () => {};
  /** Empty where another file descriptor is its standard output. */
  readonly stdout: Readable;
  /** Resolves, never rejects, once the process is gone and its pipes are closed, or were given up. */
  readonly ended: Promise<ProcessEnd>;

  /**
   * @param onLine Called with each line of standard error, credentials and all, cut to a length that is bounded.
   * @param output A file descriptor that becomes its standard output; without one, that is read from {@link stdout}.
   * @param proxy Address of the HTTP proxy that it is to use; default: as the environment says.
   */
  constructor(
    path: string,
    args: readonly string[],
    onLine: (line: string) => void,
    { output = 'pipe', proxy = '' }: { output?: number | 'pipe'; proxy?: string } = {},
  ) {
    this.#child = spawn(SHELL, ['-c', LAUNCHER, 'ffmpeg', String(MAX_DATA_KIB), proxy, path, ...args], {
      // A group of its own, so that a wrapper's children are ended with it.
      detached: true,
      stdio: ['ignore', output === -1 ? 'ignore' : output, 'pipe', 'pipe'],
    });
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    // Only a failed start counts: a failed kill of a running process is an 'error' too.
    this.#child.on('error', (error) => {
      if (this.#child.pid === undefined) this.#finish({ code: null, signal: null, error });
    });
    this.#child.once('exit', (code, signal) => {
      this.#releaseGuard();
      // Whoever holds standard error open without being in the group is not waited for.
      const giveUp = setTimeout(() => this.#child.stderr?.destroy(), GONE_MS);
      this.#child.once('close', () => {
        clearTimeout(giveUp);
        this.#finish({ code, signal });
      });
    });
    // Node leaves the pipes undefined when it has no file descriptor for them.
    this.stdout = this.#child.stdout ?? Readable.from([]);
    this.#guard?.on('error', () => {});
    if (this.#child.stderr) {
      splitLines(this.#child.stderr, (line) => {
        this.#complaint = SHELL_COMPLAINT.exec(line)?.[1] ?? this.#complaint;
        onLine(line);
      });
    }
  }

  /** User and system CPU time so far, undefined where it is unknown. The last known value once it is over. */
  cpuSeconds(): number | undefined {
    if (!this.#over && this.#child.pid !== undefined) {
      this.#cpuSeconds = processCpuSeconds(this.#child.pid) ?? this.#cpuSeconds;
    }
    return this.#cpuSeconds;
  }

  /**
   * SIGTERM to the group, so that ffmpeg ends the camera's session, then SIGKILL by the guard; resolves when the process is gone, at the latest
   * {@link GRACE_MS} and twice {@link GONE_MS} after the call.
   */
  async stop(): Promise<ProcessEnd> {
    this.cpuSeconds();
    // Read on, unheard: an ffmpeg that waits to write would not see the signal.
    this.stdout.resume();
    this.signalGroup('SIGTERM');
    const kill = setTimeout(() => this.#releaseGuard(), GRACE_MS);
    const giveUp = setTimeout(() => this.#finish({ code: null, signal: 'SIGKILL' }), GRACE_MS + 2 * GONE_MS);
    const pipes = setTimeout(() => {
      this.signalGroup('SIGKILL');
      this.stdout.destroy();
    }, GRACE_MS + GONE_MS);
    const end = await this.ended;
    for (const timer of [kill, giveUp, pipes]) clearTimeout(timer);
    return end;
  }

  /** To ffmpeg and whatever it or a wrapper started. */
  signalGroup(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // Nobody of the group is left.
    }
  }

  get #guard(): Writable | undefined {
    return (this.#child.stdio[3] ?? undefined) as Writable | undefined;
  }

  /** The guard then ends what is left of the group. */
  #releaseGuard(): void {
    this.#guard?.destroy();
  }

  #finish(end: ProcessEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#releaseGuard();
    for (const pipe of [this.#child.stdout, this.#child.stderr]) pipe?.destroy();
    const notStarted = NOT_STARTED.has(end.code) && this.#complaint !== undefined;
    this.#resolve(notStarted ? { code: null, signal: null, error: new Error(this.#complaint) } : end);
  }
}

export interface Output {
  end: ProcessEnd;
  stdout: string;
  /** The last lines. */
  stderr: string[];
}

const MAX_OUTPUT_BYTES = 2 ** 24;
const KEPT_LINES = 20;

/** Runs ffmpeg to its end and returns what it writes; what takes longer than `timeoutMs`, or writes without end, is ended. */
export async function ffmpegOutput(
  path: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<Output> {
  const stderr: string[] = [];
  const child = new FfmpegProcess(path, args, (line) => {
    stderr.push(line);
    if (stderr.length > KEPT_LINES) stderr.shift();
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  let error: Error | undefined;
  const stop = (problem: string) => {
    error ??= new Error(problem);
    void child.stop();
  };
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_OUTPUT_BYTES) chunks.push(chunk);
    else stop('it writes without end');
  });
  child.stdout.on('error', () => {});
  const timer = setTimeout(() => stop(`it did not end within ${timeoutMs / 1_000} s`), timeoutMs);
  const ended = await child.ended;
  clearTimeout(timer);
  const end = error === undefined ? ended : { code: null, signal: null, error };
  return { end, stdout: Buffer.concat(chunks).toString(), stderr };
}

function splitLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split(/[\r\n]+/);
    rest = (lines.pop() ?? '').slice(0, MAX_LINE_LENGTH);
    for (const line of lines) if (line !== '') onLine(line.slice(0, MAX_LINE_LENGTH));
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
