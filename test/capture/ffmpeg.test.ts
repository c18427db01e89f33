/** Which ffmpeg is found, and what its answers say of it. */
import {
  appendFile,
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { findFfmpeg } from '../../src/capture/ffmpeg.js';
import { program } from '../support/program.js';

test('the installed one is found on PATH and says its version', async () => {
  const ffmpeg = await findFfmpeg();
  expect(ffmpeg.version).toMatch(/\d/);
  expect(ffmpeg.rtspTimeoutOption).toMatch(/^-s?timeout$/);
});

/** What differs in the help texts of three generations. */
test.each([
  [
    '4.1',
    '  -timeout   <int>  .D....... set maximum timeout (in seconds) to wait for incoming connections\n  -stimeout  <int>  .D....... set timeout (in microseconds) of socket TCP I/O operations',
    '-vsync              video sync method',
    { version: '4.1', rtspTimeoutOption: '-stimeout', frameTimingOption: '-vsync' },
  ],
  [
    '5.0',
    '  -timeout   <int64>  .D....... set timeout (in microseconds) of socket I/O operations (default 0)',
    '-vsync              video sync method',
    { version: '5.0', rtspTimeoutOption: '-timeout', frameTimingOption: '-vsync' },
  ],
  [
    '9.0',
    '  -timeout   <int64>  .D....... set timeout (in microseconds) of socket I/O operations (default 0)\n  -tls_verify        <int>        .D....... verify the peer certificate',
    '-fps_mode[:<stream_spec>]  set framerate mode for matching video streams',
    { version: '9.0', rtspTimeoutOption: '-timeout', frameTimingOption: '-fps_mode' },
  ],
])('the words of version %s are learnt', async (version, rtsp, options, expected) => {
  await using played = await program(`
    case "$*" in
      *demuxer=rtsp*) cat <<'END'\n${rtsp}\nEND\n;;
      *long*) cat <<'END'\n${options}\nEND\n;;
      *) echo 'ffmpeg version ${version} Copyright (c) the FFmpeg developers' ;;
    esac`);
  expect(await findFfmpeg(played.path)).toEqual({ path: played.path, ...expected });
});

test('a path where there is none is settled, with the variable to correct', async () => {
  await expect(findFfmpeg('/no/such/ffmpeg')).rejects.toMatchObject({
    code: 'FFMPEG',
    message: 'there is no ffmpeg at /no/such/ffmpeg',
    remedy: 'correct FFMPEG_PATH, or remove it and install ffmpeg: sudo apt install ffmpeg',
  });
});

test.each([
  [
    'fails',
    'echo "error while loading shared libraries: libx.so" >&2; exit 127',
    /does not run as ffmpeg: .*error while loading shared libraries: libx\.so/,
  ],
  ['is ended', 'kill -SEGV $$', /does not run as ffmpeg: it was ended by SIGSEGV/],
  ['only exits with 0', 'exit 0', /does not run as ffmpeg: it does not answer -version as ffmpeg does/],
  ['is another program', 'echo "ffprobe version 5"', /does not answer -version as ffmpeg does/],
  ['writes without end', 'yes "ffmpeg version 5.1"', /does not run as ffmpeg: it writes without end$/],
  [
    'never answers',
    'trap "" TERM; while :; do sleep 0.1; done',
    /does not run as ffmpeg: it did not end within 10 s$/,
  ],
])('one that %s is reported with what it says', async (_, script, message) => {
  await using played = await program(script);
  await expect(findFfmpeg(played.path)).rejects.toMatchObject({
    code: 'FFMPEG',
    message: expect.stringMatching(message),
    remedy: expect.stringContaining('correct FFMPEG_PATH'),
  });
});

test.each([
  ['answers and leaves a helper behind that holds its output', 'sleep 60 & exec ffmpeg "$@"'],
  ['is a wrapper', 'ffmpeg "$@"; exit $?'],
])('one that %s is used', async (_, script) => {
  await using played = await program(script);
  expect((await findFfmpeg(played.path)).path).toBe(played.path);
});

test('one whose interpreter is missing is there', async () => {
  await using played = await program('');
  await writeFile(played.path, '#!/no/such/interpreter\n');
  await expect(findFfmpeg(played.path)).rejects.toMatchObject({
    message: expect.stringMatching(
      /does not run as ffmpeg: the program that its first line names is missing/,
    ),
  });
});

test('none installed is reported with how to install it', async () => {
  const path = process.env.PATH;
  process.env.PATH = '/nonexistent';
  try {
    await expect(findFfmpeg()).rejects.toMatchObject({
      code: 'FFMPEG',
      message: 'ffmpeg, which decodes the cameras, was not found',
      remedy: 'install it (sudo apt install ffmpeg) or set FFMPEG_PATH to one',
    });
  } finally {
    process.env.PATH = path;
  }
});

describe('a build that the package ffmpeg-static has downloaded', () => {
  /** Makes the package name this program, as its own variable does. */
  function downloaded(path: string): void {
    const load = createRequire(import.meta.url);
    vi.stubEnv('FFMPEG_BIN', path);
    delete load.cache[load.resolve('ffmpeg-static')];
    onTestFinished(() => {
      vi.unstubAllEnvs();
      delete load.cache[load.resolve('ffmpeg-static')];
    });
  }

  test('is not taken where PATH has one, which knows the board’s decoders', async () => {
    await using played = await program('exec ffmpeg "$@"');
    downloaded(played.path);
    expect((await findFfmpeg()).path).toBe('ffmpeg');
  });

  test('is taken where PATH has none', async () => {
    await using played = await program('echo "ffmpeg version 7.0 Copyright (c) the FFmpeg developers"');
    downloaded(played.path);
    vi.stubEnv('PATH', '/nonexistent');
    expect(await findFfmpeg()).toMatchObject({ path: played.path, version: '7.0' });
  });

  test('is not taken instead of the one that FFMPEG_PATH names', async () => {
    await using played = await program('exec ffmpeg "$@"');
    downloaded(played.path);
    await expect(findFfmpeg('/no/such/ffmpeg')).rejects.toThrow('there is no ffmpeg at /no/such/ffmpeg');
  });
});

describe('what it has said is remembered', () => {
  const PATH = process.env.PATH ?? '';

  async function folders() {
    const folder = await mkdtemp(join(tmpdir(), 'ghostcam-ffmpeg-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const state = join(folder, 'state');
    return { folder, file: join(state, 'ffmpeg.json'), memory: { folder: state, searchPath: PATH } };
  }
  /** Makes the file say another version, which only who reads it would believe. */
  async function falsify(file: string): Promise<void> {
    await writeFile(file, (await readFile(file, 'utf8')).replace(/"version":"[^"]+"/, '"version":"read"'));
  }

  test('so that the next start need not ask, by this user alone', async () => {
    const { file, memory } = await folders();
    const asked = await findFfmpeg(undefined, memory);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await findFfmpeg(undefined, memory)).toEqual(asked);
    await falsify(file);
    expect(await findFfmpeg(undefined, memory)).toEqual({ ...asked, version: 'read' });
    // Who gives no memory asks: doctor, and every test.
    expect(await findFfmpeg()).toEqual(asked);
  });

  test('until it is another file, or another ffmpeg is meant', async () => {
    const { folder, file, memory } = await folders();
    const own = join(folder, 'ffmpeg');
    await copyFile(await whichFfmpeg(), own);
    await chmod(own, 0o755);
    const asked = await findFfmpeg(own, memory);
    await falsify(file);
    expect((await findFfmpeg(own, memory)).version).toBe('read');
    expect((await findFfmpeg('ffmpeg', memory)).version).toBe(asked.version);
    await falsify(file);
    await appendFile(own, 'newer');
    expect(await findFfmpeg(own, memory)).toEqual(asked);
  });

  test.each(['', 'null', '{}', '{"facts":1}', '\0\0'])(
    'a file that says %j is asked past',
    async (content) => {
      const { file, memory } = await folders();
      const asked = await findFfmpeg(undefined, memory);
      await writeFile(file, content);
      expect(await findFfmpeg(undefined, memory)).toEqual(asked);
    },
  );

  test('of the program that the system runs, not of what it looks past', async () => {
    const { folder, file, memory } = await folders();
    const bin = join(folder, 'bin');
    await mkdir(join(bin, 'folder', 'ffmpeg'), { recursive: true });
    await writeFile(join(bin, 'ffmpeg'), 'not to be run');
    const searchPath = [bin, join(bin, 'folder'), PATH].join(':');
    const asked = await findFfmpeg(undefined, { ...memory, searchPath });
    await falsify(file);
    expect((await findFfmpeg(undefined, memory)).version).toBe('read');
    expect((await findFfmpeg(undefined, { ...memory, searchPath })).version).toBe('read');
    await chmod(join(bin, 'ffmpeg'), 0o755);
    expect(await findFfmpeg(undefined, { ...memory, searchPath })).toEqual(asked);
  });

  test('not of one that runs by another name, as in a snap', async () => {
    const { folder, memory } = await folders();
    const other = join(folder, 'snap');
    await copyFile(await whichFfmpeg(), other);
    await chmod(other, 0o755);
    const link = join(folder, 'ffmpeg');
    await symlink(other, link);
    await findFfmpeg(link, memory);
    expect(await readdir(folder)).toEqual(['ffmpeg', 'snap']);
  });

  test('not of a script, which may run another one tomorrow; nor where nothing may be written', async () => {
    const { folder, memory } = await folders();
    await using wrapper = await program('exec ffmpeg "$@"');
    const asked = await findFfmpeg(wrapper.path, memory);
    expect(await readdir(folder)).toEqual([]);
    await writeFile(memory.folder, 'a file where the folder would be');
    expect(await findFfmpeg(undefined, memory)).toEqual({ ...asked, path: (await findFfmpeg()).path });
  });

  /** The program that PATH finds. */
  async function whichFfmpeg(): Promise<string> {
    for (const each of PATH.split(':')) {
      const path = join(each, 'ffmpeg');
      if (await stat(path).catch(() => undefined)) return path;
    }
    throw new Error('there is no ffmpeg');
  }
});
