import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { pedestriansAt } from '../support/footage.js';
import { ghostcam, PROGRAM } from '../support/ghostcam.js';

const PHOTOS = 'test/fixtures/photos';
const folder = mkdtempSync(join(tmpdir(), 'ghostcam-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('help and arguments', () => {
  test.each(['run', 'check', 'doctor', 'detect', 'import', 'bench', 'demo'])('%s --help', async (command) => {
    const { code, stdout } = await ghostcam([command, '--help']);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`Usage: ghostcam ${command}`)]);
  });

  test('the exit codes are in the help, and wrong arguments have one', async () => {
    expect((await ghostcam(['--help'])).stdout).toMatch(/64 .*wrong arguments/);
    expect((await ghostcam(['--no-such-option'])).code).toBe(64);
    expect((await ghostcam(['detect'])).code).toBe(64);
    const { code, stderr } = await ghostcam(['chekc']);
    expect([code, stderr]).toEqual([
      64,
      expect.stringMatching(/"chekc" is no command.*\n\(Did you mean check\?\)/),
    ]);
    expect((await ghostcam(['detect', '--threshold', '7', 'x.png'])).stderr).toMatch('a number from 0 to 1');
  });
});

describe('an address or a password among the arguments is not repeated', () => {
  const address = 'rtsp://admin:S3cretPw@cam/x?key=S3cretPw';
  test.each([
    [[address]],
    [[`--bad=${address}`]],
    [['check', '--env-file', address]],
    [['run', '--env-file', address]],
    [['bench', '--footage', address]],
    [['detect', '--threshold', address, 'x.png']],
    [['detect', '--model', address, 'x.png']],
    [['detect', address]],
    [['demo', '--source', 'rtsp://admin:12/S3cretPw@cam/x']],
    [['MQTT_PASSWORD=S3cretPw']],
    [['run', 'CAMERA_FRONT_PASSWORD=S3cret\nPw']],
    [['check', '--pasword=S3cretPw']],
    [['--MQTT_PASSWORD=S3cret Pw']],
  ])('%j', async (args) => {
    const { code, stdout, stderr } = await ghostcam(args);
    expect(code).toBeGreaterThan(0);
    expect(stdout + stderr).not.toMatch(/S3cret|admin/);
  });
});

describe('check', () => {
  test('a valid file: what takes effect, secrets hidden, exit 0', async () => {
    const env = file('good.env', 'CAMERAS=front\nCAMERA_FRONT_URL=rtsp://me:Hunter2@camera/stream\n');
    const { code, stdout, stderr } = await ghostcam(['check', '--env-file', env]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/CAMERA_FRONT_URL +=.*rtsp:\/\/\*\*\*@camera\/stream/);
    expect(stdout).toContain('The configuration is valid.');
    expect(stdout).not.toContain('Hunter2');
  });

  test('what differs from the defaults is printed, with --all the rest too, and no refused value as its default', async () => {
    const env = file(
      'two.env',
      'CAMERAS=front,yard\nCAMERA_URL=test:\nCAMERA_FPS=5\nCAMERA_YARD_FPS=2\nCAMERA_THRESHOLD=0.4\n',
    );
    const { code, stdout } = await ghostcam(['check', '--env-file', env]);
    const settings = stdout.split('\n').filter((line) => line.includes(' = '));
    expect([code, settings.map((line) => line.split(' ')[0])]).toEqual([
      0,
      ['CAMERAS', 'CAMERA_URL', 'CAMERA_THRESHOLD', 'CAMERA_YARD_FPS'],
    ]);
    expect(stdout).toContain('--all');
    const all = (await ghostcam(['check', '--all', '--env-file', env])).stdout;
    expect(all).toMatch(/^CAMERA_FPS += 5 .*two\.env:3/m);
    expect(all).toMatch(/^LOG_LEVEL += info +\(default\)$/m);

    const refused = file('refused.env', 'CAMERAS=front\nCAMERA_URL=test:\nCAMERA_FPS=fast\nPROVIDER=gpu\n');
    for (const flags of [[], ['--all']]) {
      const { stdout } = await ghostcam(['check', '--env-file', refused, ...flags]);
      expect(stdout).toMatch(/^CAMERA_FPS += refused.*refused\.env:3/m);
      expect(stdout).toMatch(/^PROVIDER += refused.*refused\.env:4/m);
    }
  });

  test('all mistakes at once, model and labels included, exit 78', async () => {
    const env = file(
      'bad.env',
      'CAMERAS=front\nCAMERA_FRONT_URL=rtsp://me:Hunter2@camera\nCAMERA_FRONT_LABELS=persn\nTHREDS=2\nLOG_LEVEL=loud\n',
    );
    const { code, stdout, stderr } = await ghostcam(['check', '--env-file', env]);
    expect(code).toBe(78);
    expect(stderr).toMatch('no label "persn"');
    expect(stderr).toMatch('did you mean person?');
    expect(stderr).toMatch('did you mean THREADS?');
    expect(stderr).toMatch('one of debug, info, warn, error');
    expect(stdout + stderr).not.toContain('Hunter2');
  });

  test('an env file that is not there is a mistake of ours, not of Node', async () => {
    // By its own first line, as an installed `ghostcam` starts.
    const failed = promisify(execFile)(PROGRAM, ['check', '--env-file', join(folder, 'missing.env')]);
    await expect(failed).rejects.toMatchObject({
      code: 78,
      stderr: expect.stringMatching(/missing\.env: cannot be read/),
    });
  });

  test('a model that is not there is one of the mistakes', async () => {
    const env = file('model.env', 'CAMERAS=front\nCAMERA_FRONT_URL=test:\nMODEL=/no/such.onnx\n');
    const { code, stderr } = await ghostcam(['check', '--env-file', env]);
    expect([code, stderr]).toEqual([78, expect.stringContaining('MODEL: ')]);
  });

  test('run refuses what check refuses, with the same code', async () => {
    const env = file('run.env', 'CAMERAS=front\n');
    const { code, stderr } = await ghostcam(['run', '--env-file', env]);
    expect([code, stderr]).toEqual([78, expect.stringContaining('CAMERA_FRONT_URL: not set')]);
  });
});

describe('detect', () => {
  test('a table for people', async () => {
    const { code, stdout } = await ghostcam(['detect', `${PHOTOS}/astronaut.png`]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/astronaut\.png \(512 x 512\)\n {2}person +0\.\d+/);
  });

  test('the model’s own thresholds: one person in the first picture of the demo, and who is faint when asked for', async () => {
    const first = file('first.png', '');
    await promisify(execFile)('ffmpeg', [
      '-v',
      'error',
      '-y',
      '-i',
      'assets/demo/footage.mp4',
      '-frames:v',
      '1',
      first,
    ]);
    const labels = async (...options: string[]) => {
      const { stdout } = await ghostcam(['detect', '--json', first, ...options]);
      return JSON.parse(stdout).detections.map(({ label }: { label: string }) => label);
    };
    for (const form of ['', '-int8-u8s8', '-int8-s8s8'])
      expect(await labels('--model', `yolov8n-ghostnetv2-320${form}`)).toEqual(['person']);
    expect((await labels('--threshold', '0.3')).length).toBeGreaterThan(1);
  });

  test('--json: one line an image, in the pixels of the image', async () => {
    const { code, stdout } = await ghostcam(['detect', '--json', PHOTOS]);
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const best = (name: string) => lines.find(({ image }) => image.includes(name)).detections[0];
    expect(lines[0]).toEqual({
      image: `${PHOTOS}/astronaut.png`,
      width: 512,
      height: 512,
      detections: expect.any(Array),
    });
    expect(best('astronaut')).toEqual({ label: 'person', score: expect.any(Number), box: expect.any(Array) });
    expect(best('chelsea').label).toBe('cat');
    expect(best('camera').label).toBe('person');
  });

  test('--regions: what a camera’s planner would look closer at, and what that adds', async () => {
    // When six people are too far away for the whole picture.
    const street = await pedestriansAt(14);
    const drawn = ['plain.png', 'closer.png'].map((name) => join(folder, name));
    const options = ['--model', 'yolov8n-ghostnetv2-320', '--json', '--out'];
    const [plain, closer] = [
      JSON.parse((await ghostcam(['detect', street, ...options, drawn[0] as string])).stdout),
      JSON.parse((await ghostcam(['detect', street, ...options, drawn[1] as string, '--regions'])).stdout),
    ];
    expect(plain).not.toHaveProperty('regions');
    expect(closer.whole).toEqual(plain.detections);
    expect(closer.regions.length).toBeGreaterThan(0);
    for (const { box } of closer.regions) expect(box[2] - box[0]).toBeLessThan(768);
    expect(closer.detections.length).toBeGreaterThan(closer.whole.length);
    const pixels = drawn.map((path) => sharp(path).removeAlpha().raw().toBuffer());
    expect((await pixels[0])?.equals((await pixels[1]) as Buffer)).toBe(false);
    const table = (await ghostcam(['detect', street, '--model', 'yolov8n-ghostnetv2-320', '--regions']))
      .stdout;
    expect(table).toMatch(/person .* in a region\n/);
    expect(table).toMatch(/\n {2}region +\d/);
    const small = join(folder, 'small.png');
    await sharp(`${PHOTOS}/astronaut.png`).resize(320).toFile(small);
    const { stdout } = await ghostcam(['detect', small, '--regions']);
    expect(stdout).toMatch('no region: the whole picture shows as much');
  });

  test('JPEG, WebP and a picture turned by its EXIF tag give the same object', async () => {
    const stills = join(folder, 'stills');
    mkdirSync(stills);
    const photo = sharp(`${PHOTOS}/camera.png`);
    await photo.clone().jpeg({ quality: 95 }).toFile(join(stills, 'a.jpg'));
    await photo.clone().webp({ quality: 95 }).toFile(join(stills, 'b.webp'));
    // Stored lying on its side with the tag that says so.
    await photo
      .clone()
      .rotate(270)
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 95 })
      .toFile(join(stills, 'c.jpg'));
    const { stdout } = await ghostcam(['detect', '--json', `${PHOTOS}/camera.png`, stills]);
    const [original, ...others] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(others).toHaveLength(3);
    for (const other of others) {
      expect([other.width, other.height]).toEqual([original.width, original.height]);
      expect(other.detections[0].label).toBe('person');
      for (let corner = 0; corner < 4; corner++) {
        expect(Math.abs(other.detections[0].box[corner] - original.detections[0].box[corner])).toBeLessThan(
          8,
        );
      }
    }
  });

  test('--out draws the boxes: a file for one image, a folder for several', async () => {
    const drawn = join(folder, 'drawn.png');
    expect((await ghostcam(['detect', `${PHOTOS}/astronaut.png`, '--out', drawn])).code).toBe(0);
    const before = await sharp(`${PHOTOS}/astronaut.png`).removeAlpha().raw().toBuffer();
    const after = await sharp(drawn).removeAlpha().raw().toBuffer();
    expect(after.length).toBe(before.length);
    expect(after.equals(before)).toBe(false);

    const several = join(folder, 'several');
    await ghostcam(['detect', PHOTOS, '--out', several]);
    expect((await sharp(join(several, 'chelsea.png')).metadata()).format).toBe('png');
    expect((await ghostcam(['detect', PHOTOS, '--out', 'x.png'])).stderr).toMatch('name a folder instead');
  });

  test('--out keeps pictures of one name apart, and says where it cannot write', async () => {
    const [one, two, drawings] = ['one', 'two', 'drawings'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    for (const [to, photo] of [
      [one, 'camera.png'],
      [two, 'coffee.png'],
    ] as const) {
      mkdirSync(to);
      copyFileSync(`${PHOTOS}/${photo}`, join(to, 'same.png'));
    }
    await ghostcam(['detect', one, two, '--out', drawings]);
    expect(readdirSync(drawings).sort()).toEqual(['same-2.png', 'same.png']);

    const { code, stderr } = await ghostcam([
      'detect',
      `${PHOTOS}/camera.png`,
      '--out',
      '/no/such/folder/x.png',
    ]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^ghostcam: cannot write .*\/no\/such\/folder\/x\.png/),
    ]);
  });

  test('a folder without pictures is said to be one', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const { code, stdout, stderr } = await ghostcam(['detect', '--json', empty]);
    expect([code, stdout, stderr]).toEqual([1, '', `ghostcam: no JPEG, PNG or WebP image in ${empty}\n`]);
  });

  test('--camera: the limits of that camera hold, its zones and masks are drawn', async () => {
    const photo = `${PHOTOS}/astronaut.png`;
    const corner = '0,0 0.2,0 0.2,0.2 0,0.2';
    const env = file(
      'sight.env',
      `CAMERAS=front,Back-Yard,cats,hidden\nCAMERA_URL=test:\nCAMERA_CATS_LABELS=cat\nCAMERA_FRONT_FILTERS=person: area 0.5..
CAMERA_FRONT_ZONES=door: 0.6,0.1 0.9,0.1 0.9,0.4 0.6,0.4\nCAMERA_FRONT_MASKS=${corner}
CAMERA_BACK_YARD_MASKS=0,0.5 1,0.5 1,1 0,1\nCAMERA_CATS_MASKS=person: 0,0.5 1,0.5 1,1 0,1
CAMERA_HIDDEN_PRIVACY=0,0 0.8,0 0.8,1 0,1\n`,
    );
    const as = async (camera: string, ...more: string[]) => {
      const { stdout } = await ghostcam([
        'detect',
        photo,
        '--json',
        '--env-file',
        env,
        '--camera',
        camera,
        ...more,
      ]);
      return JSON.parse(stdout).detections.map(({ label }: { label: string }) => label);
    };
    const drawn = join(folder, 'sight.png');
    expect(await as('front', '--out', drawn)).toEqual(['person']);
    expect(await as('back-yard')).toEqual([]);
    expect(await as('cats')).toEqual([]);

    const pixel = async (image: string, left: number, top: number) =>
      (await sharp(image).removeAlpha().extract({ left, top, width: 1, height: 1 }).raw().toBuffer())[0] ??
      -1;
    // On the zone's left edge: orange. In the mask: darker.
    expect(await pixel(drawn, Math.round(0.6 * 512), 150)).toBeGreaterThan(190);
    expect(await pixel(drawn, 30, 90)).toBeLessThan(0.6 * (await pixel(photo, 30, 90)));

    // What is private is neither found nor drawn.
    const hidden = join(folder, 'hidden.png');
    expect(await as('hidden', '--out', hidden)).toEqual([]);
    const { data, info } = await sharp(hidden).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const isPrivate = (index: number) => Math.floor(index / info.channels) % info.width < 0.8 * info.width;
    expect(data.some((value, index) => value > 0 && isPrivate(index))).toBe(false);
    expect(data.some((value, index) => value > 100 && !isPrivate(index))).toBe(true);

    const { code, stderr } = await ghostcam(['detect', photo, '--env-file', env, '--camera', 'frunt']);
    expect([code, stderr]).toEqual([78, expect.stringContaining('did you mean front?')]);
    expect((await ghostcam(['detect', photo, '--env-file', env])).stderr).toMatch('add --camera NAME');
  });

  test('a broken picture is named; the others are still done; the exit code says so', async () => {
    const mixed = join(folder, 'mixed');
    mkdirSync(mixed);
    writeFileSync(join(mixed, 'a.jpg'), 'no picture');
    copyFileSync(`${PHOTOS}/astronaut.png`, join(mixed, 'b.png'));
    const { code, stdout, stderr } = await ghostcam(['detect', '--json', mixed]);
    expect(code).toBe(1);
    expect(stderr).toMatch('a.jpg');
    expect(JSON.parse(stdout).detections[0].label).toBe('person');
  });

  test('nothing is left in the home folder, as by a library that reports to its maker', async () => {
    const home = join(folder, 'home');
    mkdirSync(home);
    expect((await ghostcam(['detect', `${PHOTOS}/astronaut.png`], { HOME: home })).code).toBe(0);
    expect(readdirSync(home)).toEqual([]);
  });

  test('MODEL, PROVIDER and THREADS of the environment count, options win', async () => {
    const photo = `${PHOTOS}/astronaut.png`;
    expect((await ghostcam(['detect', photo], { MODEL: '/no/such.onnx' })).code).toBe(78);
    expect(
      (await ghostcam(['detect', photo, '--model', 'yolov8n-ghostnetv2-320'], { MODEL: '/no' })).code,
    ).toBe(0);
    expect((await ghostcam(['detect', photo], { THREADS: 'all' })).stderr).toMatch(
      /THREADS \(environment\): received "all"/,
    );
  });
});

describe('demo and bench', () => {
  test('bench says what is no video, instead of waiting for it', async () => {
    expect((await ghostcam(['bench', '--footage', '/no/such.mp4'])).code).toBe(64);
    const { code, stderr } = await ghostcam(['bench', '--footage', 'package.json']);
    expect([code, stderr]).toEqual([1, 'ghostcam: ffmpeg finds no video in package.json\n']);
  });

  test('demo shows detections that came over MQTT, of the one person or cat that there is at a time, and says where the page is', async () => {
    // The footage is 12 s long.
    const { code, stdout } = await ghostcam(['demo', '--seconds', '14']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\d\d:\d\d:\d\d {2}(person|cat) 0\.\d\d \[/);
    expect(stdout.split('\n').filter((line) => / 0\.\d\d .* 0\.\d\d /.test(line))).toEqual([]);
    expect(stdout).toContain('The page: http://127.0.0.1:8970/\n');
  });

  test('demo takes ffmpeg, model and runtime from the environment', async () => {
    const run = (more: Record<string, string>) => ghostcam(['demo', '--seconds', '1'], more);
    expect((await run({ MODEL: '/no/such.onnx' })).code).toBe(78);
    expect((await run({ FFMPEG_PATH: '/no/ffmpeg' })).stderr).toMatch(/FFMPEG_PATH \(environment\)/);
  });

  test('bench --json is one object with figures from one run', async () => {
    const { code, stdout } = await ghostcam(['bench', '--json', '--frames', '20']);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    for (const name of [
      'bare_ms_p50',
      'full_ms_p50',
      'full_over_bare',
      'e2e_over_bare',
      'pre_ms_p50',
      'post_ms_p50',
      'motion_ms_p50',
      'plan_ms_p50',
      'rss_mb',
    ]) {
      expect(report[name], name).toBeGreaterThan(0);
    }
    expect(report.loop_delay_p99_ms).toBeGreaterThanOrEqual(0);
    expect(report).toMatchObject({
      provider: 'cpu',
      model: expect.stringMatching(/^yolov8n-ghostnetv2-320/),
      input: '320x192',
      plan_frame: '640x360',
      threads: expect.any(Number),
    });
    expect(report.runtime).toMatch(/ONNX Runtime 1\.\d+/);
  });
});
