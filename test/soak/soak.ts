/** The built daemon for a given time, with a real broker, two cameras with real footage, and faults of both. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Board } from '../support/board.js';
import { pedestrians } from '../support/footage.js';
import { Forwarder } from '../support/forwarder.js';
import type { Daemon } from '../support/ghostcam.js';
import { type EventListener, listenForEvents, loggedEvents } from '../support/published-events.js';
import { RtspServer } from '../support/rtsp-server.js';
import { descendantsOf, isRunning, type ProcessSample, sampleOf } from './process.js';
import { type Check, check, eventChecks, growthChecks, type SaidEvent, without } from './verdict.js';

export interface SoakOptions {
  seconds: number;
  /** Default 10. */
  sampleSeconds?: number;
  /** From one fault to the next. Default: nine faults in a run, at most one every two minutes. */
  faultSeconds?: number;
  /** How long what fails is away. Default 5. */
  outageSeconds?: number;
  /** Ends the run early and in order. */
  signal?: AbortSignal;
  onLine?: (line: string) => void;
}

export interface SoakResult {
  seconds: number;
  faults: number;
  samples: ProcessSample[];
  checks: Check[];
}

interface Failing {
  kill(): Promise<void>;
  start(): Promise<void>;
}

const NAMES = ['front', 'back'] as const;
/** How long the last messages may take to arrive. */
const PATIENCE_S = 20;

export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { sampleSeconds = 10, onLine = () => {}, signal } = options;
  const cameras: RtspServer[] = [];
  const board = await Board.start();
  try {
    const clip = await pedestrians();
    for (const _ of NAMES) {
      const camera = await RtspServer.start({ clip });
      board.defer(() => camera.stop());
      cameras.push(camera);
    }
    const listener = await listenForEvents(board.broker.url);
    board.defer(async () => listener[Symbol.asyncDispose]());
    // A killed broker forgets its subscribers: the daemon comes to it only when the listener is there again.
    const forwarder = await Forwarder.open(board.broker.port);
    board.defer(async () => forwarder.close());
    const urls = NAMES.map((name, index) => [
      `CAMERA_${name.toUpperCase()}_URL`,
      cameras[index]?.url() ?? '',
    ]);
    const daemon = board.daemon({
      MQTT_URL: `mqtt://127.0.0.1:${forwarder.port}`,
      CAMERAS: NAMES.join(','),
      ...Object.fromEntries(urls),
      // Events are written to the log when they are made, which is what is compared with what is heard.
      LOG_LEVEL: 'debug',
    });

    const began = performance.now();
    const elapsed = () => (performance.now() - began) / 1000;
    const left = () => (signal?.aborted === true ? 0 : Math.max(0, options.seconds - elapsed()));
    let kills = 0;
    const broker = {
      kill: async () => {
        kills += 1;
        await board.broker.kill();
        forwarder.close();
      },
      start: async () => {
        await board.broker.start();
        await listener.subscribed();
        await forwarder.open();
      },
    };
    const faults = makeFaults(broker, cameras, options, left);
    // It is awaited below: until then a failure of it must not end the process before everything is stopped.
    faults.catch(() => {});
    const samples: ProcessSample[] = [];
    let died: string | undefined;
    while (died === undefined && left() > 0) {
      await pause(Math.min(sampleSeconds, left()), signal);
      try {
        const sample = sampleOf(daemon.pid, elapsed());
        samples.push(sample);
        onLine(row(sample, listener.events.length));
      } catch {
        died = `it ended after ${elapsed().toFixed(0)} s: ${daemon.output.slice(-500)}`;
      }
    }
    const made = await faults;
    const seconds = elapsed();
    await connected(daemon);
    await hearAll(daemon, listener);
    const children = died === undefined ? descendantsOf(daemon.pid) : [];
    const { code } = await daemon.stop('SIGTERM');
    await hearAll(daemon, listener);
    const said = saidBy(daemon);
    const orphans = await orphansOf(children);
    const checks = [
      ...growthChecks(samples, seconds),
      ...eventChecks(said, listener.events, kills),
      check('stop', code === 0 && orphans.length === 0 && died === undefined, [
        `exit code ${code}, ${orphans.length} of ${children.length} children left`,
        ...(died === undefined ? [] : [died]),
      ]),
    ];
    return { seconds, faults: made, samples, checks };
  } finally {
    await board.dispose();
  }
}

/**
 * Kills the broker, a camera, the broker, the other camera, … each for a while.
 * @param left Seconds of the run, 0 when it is over.
 * @returns How many faults there were.
 */
async function makeFaults(
  broker: Failing,
  cameras: readonly Failing[],
  options: SoakOptions,
  left: () => number,
): Promise<number> {
  const { seconds, faultSeconds = Math.min(120, seconds / 9), outageSeconds = 5, signal } = options;
  let count = 0;
  while (true) {
    await pause(Math.min(faultSeconds - outageSeconds, left()), signal);
    if (left() === 0) return count;
    const failing = count % 2 === 0 ? broker : (cameras[((count - 1) / 2) % cameras.length] as Failing);
    await failing.kill();
    await pause(outageSeconds, signal);
    await failing.start();
    count += 1;
  }
}

/** Shorter when the run is ended early. */
async function pause(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(Math.max(0, 1000 * seconds), undefined, signal === undefined ? {} : { signal }).catch(() => {});
}

/** Waits until it is at the broker again, for without it what it says at its end is lost; for a while only. */
async function connected(daemon: Daemon): Promise<void> {
  const at = (words: string) => daemon.output.lastIndexOf(`: ${words} to the broker`);
  for (let waited = 0; at('connected') < at('no connection') && waited < PATIENCE_S; waited++)
    await sleep(1000);
}

/** Waits until every event was heard that was said, after which nothing of an outage is waiting; for a while only. */
async function hearAll(daemon: Daemon, listener: EventListener): Promise<void> {
  const missing = () => without(saidBy(daemon), listener.events);
  for (let waited = 0; missing().length > 0 && waited < PATIENCE_S; waited++) await sleep(1000);
}

/** Those that still run; the guards of ffmpeg end a moment after the daemon. */
async function orphansOf(children: readonly number[]): Promise<number[]> {
  for (let waited = 0; children.some(isRunning) && waited < PATIENCE_S; waited++) await sleep(1000);
  return children.filter(isRunning);
}

const saidBy = (daemon: Daemon): SaidEvent[] => loggedEvents(daemon.output);
function row(
  { seconds, rss, anonymous, descriptors, threads, children }: ProcessSample,
  heard: number,
): string {
  const memory = `RSS ${rss.toFixed(1)} MB, of it ${anonymous.toFixed(1)} MB anonymous`;
  const counts = `${descriptors} descriptors, ${threads} threads, ${children} children`;
  return `${seconds.toFixed(0).padStart(6)} s  ${memory}, ${counts}, ${heard} events heard`;
}
