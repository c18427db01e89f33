/** Supervision, against programs in ffmpeg's place that fail as a test needs them to. */
import { readdirSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { Camera, type CameraDeps } from '../../src/capture/camera.js';
import type { CameraState } from '../../src/capture/state.js';
import { type CameraSettingsGiven, defaultCameraConfig } from '../../src/config/types.js';
import type { CapturedFrame } from '../../src/frame/frame.js';
import { addon } from '../../src/native/addon.js';
import { fastClock } from '../support/clock.js';
import { memoryLog } from '../support/log.js';
import { type Program, program } from '../support/program.js';

const patience = { timeout: 100_000, interval: 10 };

/** Shell functions that write what ffmpeg writes, for frames of 4x2 pixels. */
const ffmpegWords = `
facts() { # width height of the source
  echo "[scale@fit @ 0x1] [verbose] w:$1 h:$2 fmt:yuv420p sar:1/1 -> w:4 h:2 fmt:yuv420p sar:1/1 flags:0x2" >&2
}
output() {
  echo "[info] Output #0, yuv4mpegpipe, to 'pipe:1':" >&2
  echo "[info]   Stream #0:0: Video: wrapped_avframe, yuv420p(tv, bt709, progressive), 4x2, 5 fps" >&2
}
header() { printf 'YUV4MPEG2 W4 H2 F5:1 Ip A1:1 C420jpeg XCOLORRANGE=LIMITED\\n'; }
frame() {
  printf 'FRAME\\n%.12s' "$1$1$1$1$1$1$1$1$1$1$1$1"; # a character that fills the picture
}
still() { printf 'FRAME\\naaaaaaaabbbb'; } # all of it one grey
moved() { printf 'FRAME\\nzzaaaaaabbbb'; } # but for a part of that
begin() { facts 64 32; output; header; }
attempt() { # how many times it was started, this time included
  echo >> "$folder/attempts"; wc -l < "$folder/attempts"
}
`;

const PLAYED = { version: 'played', rtspTimeoutOption: '-timeout', frameTimingOption: '-vsync' } as const;

const opened: { camera: Camera; script: Program }[] = [];

afterEach(async () => {
  for (const { camera, script } of opened.splice(0)) {
    await camera.stop();
    await script[Symbol.asyncDispose]();
  }
});

async function open(...about: Parameters<typeof make>) {
  const made = await make(...about);
  made.camera.start();
  return made;
}

async function make(script: string, config: CameraSettingsGiven = {}, deps: Partial<CameraDeps> = {}) {
  const played = await program(ffmpegWords + script);
  const { log, lines } = memoryLog();
  const base = { name: 'front', url: 'rtsp://u:hush-hush@camera/s', snapshot: false, stallTimeout: 20 };
  const camera = new Camera(defaultCameraConfig({ ...base, ...config }), {
    ffmpeg: { ...PLAYED, path: played.path },
    inputSize: { width: 320, height: 320 },
    log,
    random: () => 0,
    ...deps,
  });
  opened.push({ camera, script: played });
  const states: Pick<CameraState, 'status' | 'reason'>[] = [];
  camera.on('state', ({ status, reason }) =>
    states.push(reason === undefined ? { status } : { status, reason }),
  );
  const frames: (Omit<CapturedFrame, 'data'> & { picture: string })[] = [];
  camera.on('frame', () => {
    const frame = camera.take();
    if (frame !== undefined) frames.push({ ...frame, picture: Buffer.from(frame.data).toString() });
  });
  /** Milliseconds from each failure to the next attempt. */
  const waits: number[] = [];
  camera.on('failure', (_, delayMs) => waits.push(delayMs));
  const delays = () => waits;
  return { camera, states, frames, lines, delays };
}

test('a frame carries its number, its times and the size of the source', async () => {
  const { frames } = await open('begin; frame a; sleep 0.1; frame b; exec sleep 60');
  await vi.waitFor(() => expect(frames).toHaveLength(2), patience);
  const about = { width: 4, height: 2, sourceWidth: 64, sourceHeight: 32, format: 'yuv420p' };
  expect(frames[0]).toMatchObject({
    ...about,
    sequence: 1,
    picture: 'a'.repeat(12),
    matrix: 'bt709',
    range: 'limited',
  });
  expect(frames[1]).toMatchObject({ ...about, sequence: 2, picture: 'b'.repeat(12) });
  expect(frames[1]?.capturedAt).toBeGreaterThanOrEqual(frames[0]?.capturedAt ?? Number.NaN);
});

test('leaving with exit code 0 is a failure too, and is retried', async () => {
  const { states, camera } = await open('begin; frame a; exit 0', {}, { clock: fastClock(100) });
  await vi.waitFor(() => expect(camera.stats().restarts.ended).toBeGreaterThan(1), patience);
  expect(states.slice(0, 4)).toEqual([
    { status: 'offline', reason: 'connecting' },
    { status: 'online' },
    { status: 'offline', reason: 'the camera ended the stream' },
    { status: 'online' },
  ]);
});

test('attempts that fail are further and further apart', async () => {
  // However slowly the program starts, it is not taken for a silent one.
  const { delays, states } = await open('exit 7', { stallTimeout: 1000 }, { clock: fastClock(1000) });
  await vi.waitFor(() => expect(delays().length).toBeGreaterThanOrEqual(7), patience);
  expect(delays().slice(0, 7)).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  // The same trouble again is no news.
  expect(states).toEqual([
    { status: 'offline', reason: 'connecting' },
    { status: 'offline', reason: 'ffmpeg failed with exit code 7' },
  ]);
});

test('a system that cannot even try, for want of threads or memory, is asked again, and no password is told', async () => {
  const { delays, states } = await open(
    'exit 7',
    { url: 'rtsp://u:hush-hush@camera/s' },
    // What Node refuses to start at once, as it does when there is no memory.
    { clock: fastClock(1000), ffmpeg: { ...PLAYED, path: '/usr/bin/ffmpeg\0hush-hush' } },
  );
  await vi.waitFor(() => expect(delays().length).toBeGreaterThanOrEqual(3), patience);
  expect(delays().slice(0, 3)).toEqual([1000, 2000, 4000]);
  const threads = () => readdirSync('/proc/self/task').length;
  const before = threads();
  await vi.waitFor(() => expect(delays().length).toBeGreaterThanOrEqual(12), patience);
  // Each attempt has a thread that reads frames, which goes with it.
  expect(threads() - before).toBeLessThan(5);
  expect(states).toEqual([
    { status: 'offline', reason: 'connecting' },
    { status: 'offline', reason: expect.stringMatching(/^it cannot be read: (?!.*hush-hush)/) },
  ]);
});

test('a run of which frames came for long is followed by another one at once', async () => {
  const { delays } = await open(
    'if [ "$(attempt)" = 3 ]; then begin; frame a; sleep 1; fi; exit 7',
    { stallTimeout: 1000 },
    { clock: fastClock(200) },
  );
  await vi.waitFor(() => expect(delays().length).toBeGreaterThanOrEqual(3), patience);
  expect(delays().slice(0, 3)).toEqual([1000, 2000, 200]);
});

test('a short success does not end the back-off', async () => {
  const { delays, camera } = await open('begin; frame a; exit "$(attempt)"', {}, { clock: fastClock(20) });
  await vi.waitFor(() => expect(camera.stats().restarts.ended).toBeGreaterThanOrEqual(4), patience);
  expect(delays().slice(0, 4)).toEqual([200, 1000, 2000, 4000]);
});

test('a picture whose size changes with each frame does not start ffmpeg all the time', async () => {
  const { camera, states } = await open(
    'begin; frame a; sleep 0.1; facts 32 64; frame x; exec sleep 60',
    { stallTimeout: 1000 },
    { clock: fastClock(20) },
  );
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  // A minute of the camera's time.
  expect(camera.stats().restarts.resized).toBeGreaterThan(1);
  expect(camera.stats().restarts.resized).toBeLessThan(9);
  expect(states).toContainEqual({ status: 'stalled', reason: "the size of the camera's picture changed" });
});

test('a fault is logged once, however often it is met', async () => {
  const { lines, camera } = await open('exit 7', { stallTimeout: 1000 }, { clock: fastClock(1000) });
  await vi.waitFor(() => expect(camera.stats().restarts.ended).toBeGreaterThanOrEqual(30), patience);
  const logged = lines.filter((line) => line.includes('ffmpeg failed with exit code 7'));
  expect(logged.length).toBeGreaterThan(1);
  expect(logged.length).toBeLessThan(8);
  expect(logged.join('')).toMatch(/exit code 7, \d+ times since this or the like was logged last/);
});

test('no frame for the stall time-out: stalled, and begun anew', async () => {
  const { states, camera } = await open('begin; frame a; exec sleep 60', { stallTimeout: 1 });
  await vi.waitFor(
    () => expect(states).toContainEqual({ status: 'stalled', reason: 'no frame for 1 s' }),
    patience,
  );
  await vi.waitFor(() => expect(camera.state.status).toBe('online'), patience);
  expect(camera.stats().restarts).toMatchObject({ stalled: 1, ended: 0 });
});

test('where frames are wanted more seldom than the time-out allows, two of them are waited for', async () => {
  const { states, camera, frames } = await open('begin; while frame a; do sleep 1.5; done', {
    stallTimeout: 1,
    fps: 0.5,
  });
  await vi.waitFor(() => expect(frames.length).toBeGreaterThanOrEqual(3), patience);
  expect(states.map(({ status }) => status)).toEqual(['offline', 'online']);
  expect(camera.stats().restarts.stalled).toBe(0);
});

test.each([
  ['says nothing', '', { status: 'offline', reason: 'the camera did not answer within 1 s' }],
  [
    'answers but sends nothing',
    "echo '[rtsp @ 0x1] [verbose] SDP:' >&2;",
    {
      status: 'stalled',
      reason:
        'the camera answers, but no picture came within 2 s: shorten the interval of its key frames (I frames), or raise CAMERA_FRONT_CONNECT_TIMEOUT',
    },
  ],
])('a camera that %s from the start', async (_, answer, state) => {
  const { states } = await open(`${answer} exec sleep 60`, { stallTimeout: 1, connectTimeout: 2 });
  await vi.waitFor(() => expect(states).toContainEqual(state), patience);
});

test('a first frame that is late is awaited, with a state that says so', async () => {
  const { states, camera } = await open(
    `echo '[rtsp @ 0x1] [verbose] SDP:' >&2; sleep 3; begin; frame a; exec sleep 60`,
    { stallTimeout: 1, connectTimeout: 30 },
  );
  await vi.waitFor(() => expect(camera.state.status).toBe('online'), patience);
  expect(states).toEqual([
    { status: 'offline', reason: 'connecting' },
    {
      status: 'stalled',
      reason:
        'connected: its first picture, which begins with a key frame, is awaited for 30 s (CAMERA_FRONT_CONNECT_TIMEOUT)',
    },
    { status: 'online' },
  ]);
  expect(camera.stats().restarts).toEqual({ ended: 0, stalled: 0, resized: 0 });
});

test('this process standing still is not a stall of the camera', async () => {
  const { frames, camera } = await open('begin; while :; do frame a; sleep 0.05; done', { stallTimeout: 1 });
  await vi.waitFor(() => expect(frames.length).toBeGreaterThan(2), patience);
  const until = Date.now() + 1500;
  while (Date.now() < until);
  const { length } = frames;
  await vi.waitFor(() => expect(frames.length).toBeGreaterThan(length + 2), patience);
  expect(camera.stats().restarts.stalled).toBe(0);
});

test('output that is not video is named as such', async () => {
  const { states } = await open('facts 64 32; output; echo "<html>"; exec sleep 60');
  const reason = expect.stringContaining(
    'ffmpeg\'s output is not the YUV4MPEG2 that was asked for: it begins with "<html>" instead of YUV4MPEG2: set FFMPEG_PATH',
  );
  await vi.waitFor(() => expect(states.at(-1)).toEqual({ status: 'offline', reason }), patience);
});

test.each([
  ['that does not say the size of the source', 'output; header; frame a; exec sleep 60', {}],
  ['whose wrapper writes its log to nowhere', 'begin 2>/dev/null; frame a; exec sleep 60', {}],
  [
    'that does not, with a stall time-out of 2 s',
    'begin 2>/dev/null; frame a; exec sleep 60',
    { stallTimeout: 2 },
  ],
])('an ffmpeg %s is not believed, and the camera not blamed', async (_, script, settings) => {
  const { states, frames } = await open(script, settings);
  const reason = expect.stringMatching(
    /^this ffmpeg's log does not say the size of the source: set FFMPEG_PATH/,
  );
  await vi.waitFor(() => expect(states.at(-1)).toEqual({ status: 'offline', reason }), patience);
  expect(frames).toEqual([]);
});

test('facts that are logged after the first frame are waited for', async () => {
  const { frames } = await open('header; frame a; sleep 0.7; facts 64 32; output; frame b; exec sleep 60');
  await vi.waitFor(() => expect(frames).toHaveLength(2), patience);
  expect(frames.map(({ picture, sourceWidth }) => `${picture[0]}${sourceWidth}`)).toEqual(['a64', 'b64']);
});

test('a source that changes its size is begun anew at once, and no frame has the wrong size', async () => {
  const { frames, camera, states } = await open(`
    if [ "$(attempt)" = 1 ]; then
      begin; frame a; facts 64 32; frame b; sleep 0.2
      facts 32 64; frame x; frame x; exec sleep 60
    fi
    facts 32 64; output; header; frame c; exec sleep 60`);
  await vi.waitFor(() => expect(frames).toHaveLength(3), patience);
  expect(frames.map(({ picture, sourceWidth }) => `${picture[0]}${sourceWidth}`)).toEqual([
    'a64',
    'b64',
    'c32',
  ]);
  expect(camera.stats().restarts).toEqual({ ended: 0, stalled: 0, resized: 1 });
  expect(states).toEqual([{ status: 'offline', reason: 'connecting' }, { status: 'online' }]);
});

test('another frame rate is asked of ffmpeg at once, and is no trouble', async () => {
  const { frames, camera, states } = await open('echo "$@" >&2; begin; frame "$(attempt)"; exec sleep 60');
  await vi.waitFor(() => expect(frames).toHaveLength(1), patience);
  camera.setFps(5);
  camera.setFps(2);
  await vi.waitFor(() => expect(frames).toHaveLength(2), patience);
  expect(frames.map(({ picture }) => picture[0])).toEqual(['1', '2']);
  expect(camera.config.fps).toBe(2);
  expect(camera.stats().restarts).toEqual({ ended: 0, stalled: 0, resized: 0 });
  expect(states).toEqual([{ status: 'offline', reason: 'connecting' }, { status: 'online' }]);
});

test('what ffmpeg says is free of credentials wherever it ends up', async () => {
  const { states, lines } = await open('echo "[error] cannot open $*" >&2; exit 1');
  await vi.waitFor(() => expect(states.at(-1)?.reason).toContain('cannot open'), patience);
  const shown = JSON.stringify([states, lines]);
  expect(shown).toContain('rtsp://***@camera/s');
  expect(shown).not.toContain('hush');
});

test('stopping does not wait for the next attempt', async () => {
  const { camera, delays } = await open('exit 1', {}, { random: () => 0 });
  await vi.waitFor(() => expect(delays()).toHaveLength(2), patience);
  const before = performance.now();
  await camera.stop();
  expect(performance.now() - before).toBeLessThan(2000);
  expect(camera.state).toMatchObject({ status: 'disabled' });
});

test('starting and stopping is repeatable, in any order and number', async () => {
  const { camera, frames, states } = await open('begin; frame a; exec sleep 60');
  await vi.waitFor(() => expect(frames).toHaveLength(1), patience);
  camera.start();
  await Promise.all([camera.stop(), camera.stop()]);
  void camera.stop();
  camera.start();
  void camera.stop();
  camera.start();
  await vi.waitFor(() => expect(frames.at(-1)?.sequence).toBe(2), patience);
  await camera.stop();
  expect(states.at(-1)).toEqual({ status: 'disabled' });
  expect(camera.take()).toBeUndefined();
});

test('a camera never started is disabled and costs nothing', async () => {
  const script = await program('');
  const camera = new Camera(
    { ...(await open('exec sleep 60')).camera.config },
    {
      ffmpeg: {
        path: script.path,
        version: '',
        rtspTimeoutOption: '-timeout',
        frameTimingOption: '-vsync',
      },
      inputSize: { width: 320, height: 320 },
      log: memoryLog().log,
    },
  );
  expect(camera.state.status).toBe('disabled');
  expect(camera.stats()).toMatchObject({ frames: 0, fps: 0, replaced: 0, ffmpegCpuSeconds: undefined });
  await camera.stop();
  await script[Symbol.asyncDispose]();
});

test('unpaced, every frame waits for its turn', async () => {
  const { camera, frames } = await open(
    'begin; for f in a b c d e f g h; do frame $f; done; exec sleep 60',
    { stallTimeout: 2 },
    { paced: false },
  );
  camera.removeAllListeners('frame');
  frames.length = 0;
  const pictures: string[] = [];
  const until = Date.now() + 20_000;
  while (pictures.length < 8 && Date.now() < until) {
    const frame = camera.take();
    if (frame === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    else {
      pictures.push(String.fromCharCode(frame.data[0] ?? 0));
      // Slower than the stall time-out in sum: the camera is not to blame for a slow consumer.
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
  expect(pictures.join('')).toBe('abcdefgh');
  expect(camera.stats()).toMatchObject({ frames: 8, replaced: 0, restarts: { stalled: 0 } });
});

test('frames in which nothing moves are counted and not given on, until something does or it is time', async () => {
  const { camera, frames } = await make(
    `begin; still; sleep 0.3; for i in 1 2 3 4 5 6; do still; done; moved
     for i in 1 2 3 4; do still; done; sleep 3.2; still; exec sleep 60`,
  );
  const meter = new (addon().MotionMeter)();
  const changed: (number | undefined)[] = [];
  camera.prependListener('frame', () => changed.push(camera.unread?.changed));
  camera.on('frame', () => {
    if (frames.length === 1) meter.update(new Uint8Array(12).fill(97), 4, 2, 0, false);
  });
  // Not asked before the first one: it shows that there is a picture.
  camera.watch = () => ({
    meter,
    area: 0.1,
    learn: false,
    sinceMs: 200,
    forMs: frames.length < 2 ? 60_000 : 3000,
  });
  camera.start();
  await vi.waitFor(() => expect(frames).toHaveLength(3), patience);
  expect(frames.map(({ picture }) => picture)).toEqual(['aaaaaaaabbbb', 'zzaaaaaabbbb', 'aaaaaaaabbbb']);
  expect(frames.map(({ sequence }) => sequence)).toEqual([1, 8, 13]);
  expect(changed).toEqual([undefined, 0.25, 0]);
  expect(camera.stats()).toMatchObject({ frames: 13, skipped: 10, replaced: 0 });
});

/** Skips what does not differ from a picture of a's. */
function skipping(): NonNullable<ReturnType<Camera['watch']>> {
  const meter = new (addon().MotionMeter)();
  meter.update(new Uint8Array(12).fill(97), 4, 2, 0, false);
  return { meter, area: 0.1, learn: false, sinceMs: 0, forMs: 60_000 };
}

test('a frame that was skipped is no silence', async () => {
  const { camera, frames, states } = await make(
    'begin; still; for i in 1 2 3 4; do sleep 1; still; done; moved; exec sleep 60',
    { stallTimeout: 2 },
  );
  camera.watch = skipping;
  camera.start();
  await vi.waitFor(() => expect(frames).toHaveLength(2), patience);
  expect(camera.stats()).toMatchObject({ frames: 6, skipped: 4, restarts: { stalled: 0 } });
  expect(states.at(-1)).toEqual({ status: 'online' });
});

test('a camera that falls silent while its frames are skipped is started anew when it has been so for the time-out', async () => {
  const { camera, frames } = await make('begin; still; sleep 1; still; exec sleep 60', { stallTimeout: 2 });
  camera.watch = skipping;
  camera.start();
  await vi.waitFor(() => expect(frames).toHaveLength(1), patience);
  const first = performance.now();
  await vi.waitFor(() => expect(camera.stats().restarts.stalled).toBe(1), patience);
  const seconds = (performance.now() - first) / 1000;
  expect(seconds).toBeGreaterThan(2.8);
  expect(seconds).toBeLessThan(4.5);
});

test('what is recalled comes with the next frame', async () => {
  const { camera, frames } = await make('begin; while :; do still; sleep 0.1; done');
  camera.watch = skipping;
  camera.start();
  await vi.waitFor(() => expect(camera.stats().skipped).toBeGreaterThan(2), patience);
  expect(frames).toHaveLength(1);
  camera.recall();
  await vi.waitFor(() => expect(frames).toHaveLength(2), patience);
  await vi.waitFor(() => expect(camera.stats().skipped).toBeGreaterThan(5), patience);
  expect(frames).toHaveLength(2);
});

test('of a camera with private areas every frame is given on', async () => {
  const { camera, frames } = await make(
    'begin; for i in 1 2 3 4 5; do frame a; sleep 0.1; done; exec sleep 60',
    {
      privacy: [{ unit: 'share', corners: [] }],
    },
  );
  camera.watch = () => {
    throw new Error('not asked');
  };
  camera.start();
  await vi.waitFor(() => expect(frames).toHaveLength(5), patience);
  expect(camera.stats().skipped).toBe(0);
});
