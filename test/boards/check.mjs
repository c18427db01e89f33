// What a board must show, run on the board (here: in its root file system) after `npm i -g ghostcam-*.tgz`.
// Usage: node check.mjs FOLDER BOARD. FOLDER has photos/, the package, install.sh, native-tests-ARCH (test/native for this
// processor) and boxes.json: the boxes that other boards are compared with, written by the first board that is checked. Prints
// TAP-like lines, then `N passed, N failed`; exits 1 when something failed.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const [folder, board] = process.argv.slice(2);
const run = promisify(execFile);
const photos = join(folder, 'photos');
const boxesFile = join(folder, 'boxes.json');
const installed = '/usr/local/lib/node_modules/ghostcam';
/** Emulation is some fifty times slower than the processor it runs on. */
const patience = 900_000;
const tolerancePixels = 0.5;
/**
 * INT8 kernels of x86's cpu provider round otherwise than all the others, and a step of an output is pixels of a box: there clear
 * objects must be the same ones. Of two boxes on one large object that score alike, now one and now the other is kept: these have
 * been seen with an IoU of .84.
 */
const clearScore = 0.5;
const sameObjectIou = 0.8;
const DEFAULT_MODEL = 'yolov8n-ghostnetv2-320';

let passed = 0;
let failed = 0;

async function check(name, body) {
  const began = performance.now();
  try {
    const remark = await body();
    passed++;
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`ok - ${name} (${seconds} s${remark === undefined ? '' : `; ${remark}`})`);
  } catch (error) {
    failed++;
    console.log(
      `not ok - ${name}\n    ${`${error.message}\n${error.stdout ?? ''}\n${error.stderr ?? ''}`.trim().replaceAll('\n', '\n    ')}`,
    );
  }
}

async function ghostcam(args, environment = {}) {
  const { stdout } = await run('ghostcam', args, {
    env: { ...process.env, ...environment },
    timeout: patience,
    maxBuffer: 2 ** 26,
  });
  return stdout;
}

/** Largest distance in pixels between corners of the same objects. */
function distance(boxes, reference) {
  assert.deepEqual(
    boxes.map(({ label }) => label),
    reference.map(({ label }) => label),
    'other objects than on the first board',
  );
  const corners = boxes.flatMap(({ box }, index) =>
    box.map((corner, side) => Math.abs(corner - reference[index].box[side])),
  );
  return Math.max(0, ...corners);
}

function iou(a, b) {
  const area = ([x1, y1, x2, y2]) => Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
  const both = area([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]);
  return both / (area(a) + area(b) - both);
}

/** Lowest IoU of a clear object of the one list with the same in the other. */
function agreement(boxes, others) {
  const clear = boxes.filter(({ score }) => score >= clearScore);
  const best = ({ label, box }) =>
    Math.max(0, ...others.filter((other) => other.label === label).map((other) => iou(box, other.box)));
  return Math.min(1, ...clear.map(best));
}

/** What is said of boxes that are near enough to the reference's, photo by photo. */
function compare(found, reference, roundsOtherwise) {
  const photos = Object.keys(found);
  if (!roundsOtherwise) {
    const pixels = Math.max(...photos.map((photo) => distance(found[photo], reference[photo])));
    assert.ok(pixels <= tolerancePixels, `a corner is ${pixels} px from the reference`);
    return `within ${pixels.toFixed(3)} px of the reference`;
  }
  const lowest = Math.min(
    ...photos.flatMap((photo) => [
      agreement(found[photo], reference[photo]),
      agreement(reference[photo], found[photo]),
    ]),
  );
  assert.ok(lowest >= sameObjectIou, `a clear object has an IoU of ${lowest} with the reference's`);
  return `clear objects have an IoU of at least ${lowest.toFixed(3)} with the reference's`;
}

function isInt8(model) {
  return model.includes('-int8-');
}

/** Detections of every photo, compared with those of the first board and the first runtime that it tried. */
async function detect(model, provider, library) {
  const lines = await ghostcam(
    ['detect', photos, '--json', '--model', model, '--provider', provider],
    library === undefined ? {} : { ONNXRUNTIME_LIB: library },
  );
  const found = Object.fromEntries(
    lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .map(({ image, detections }) => [image.slice(photos.length + 1), detections]),
  );
  assert.ok(
    found['astronaut.png'].some(({ label }) => label === 'person'),
    'no person in the photograph of one',
  );
  const count = Object.values(found).flat().length;
  const known = existsSync(boxesFile) ? JSON.parse(readFileSync(boxesFile, 'utf8')) : {};
  if (known[model] === undefined) {
    writeFileSync(boxesFile, JSON.stringify({ ...known, [model]: found }));
    return `${count} boxes, the reference`;
  }
  const roundsOtherwise = process.arch === 'x64' && provider === 'cpu' && isInt8(model);
  return `${count} boxes, ${compare(found, known[model], roundsOtherwise)}`;
}

/** What the doctor says of a model: its time and where its nodes run, by runtime. */
async function trials(environment) {
  const { findings } = JSON.parse(await ghostcam(['doctor', '--json'], environment));
  const tried = findings.filter(({ check: name }) => name.startsWith('model on'));
  return { findings, remark: tried.map(({ check: name, message }) => `${name}: ${message}`).join('; ') };
}

function listen(topic, count) {
  return run('mosquitto_sub', ['-t', topic, '-C', String(count), '-W', String(patience / 1000)]);
}

/** Starts the daemon on a video file; resolves, after two frames' messages, with its info message. */
async function daemon(environment) {
  const child = spawn('ghostcam', ['run'], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk) => {
    log += chunk;
  });
  const ended = new Promise((resolve) => child.once('close', (code) => resolve(code)));
  const early = ended.then((code) => {
    throw new Error(`the daemon ended with ${code}:\n${log}`);
  });
  early.catch(() => {});
  const messages = await Promise.race([listen('ghostcam/board/clip/detections', 2), early]);
  const [first] = messages.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(first.width, 640);
  const { stdout: info } = await listen('ghostcam/board/info', 1);
  child.kill('SIGTERM');
  assert.equal(await ended, 0, `the daemon did not end well:\n${log}`);
  const { stdout: state } = await listen('ghostcam/board/state', 1);
  assert.equal(state.trim(), 'offline');
  return JSON.parse(info);
}

/** pc has all; where a processor is emulated, u8s8, which is for x86, is left out. */
const models = readdirSync(join(installed, 'models'))
  .filter((name) => name.endsWith('.onnx'))
  .map((name) => name.slice(0, -'.onnx'.length))
  .filter((name) => board === 'pc' || !name.endsWith('u8s8'));
const bundled = join(installed, `lib/onnxruntime/linux-${process.arch}/libonnxruntime.so`);
// Debian 13's libonnxruntime1.21 for arm64 executes such instructions while it is loaded.
const hasHalfPrecision = board !== 'pi4';

await check(`${board}: the addon's C++ tests`, async () => {
  const { stdout } = await run(join(folder, `native-tests-${process.arch}`), ['--gtest_brief=1'], {
    timeout: patience,
  });
  return stdout.match(/PASSED.*/)?.[0];
});
await check(`${board}: ghostcam --version`, async () => (await ghostcam(['--version'])).trim());
for (const model of models) {
  const runtimes = [['cpu', 'the bundled library', bundled]];
  if (hasHalfPrecision) runtimes.push(['xnnpack', "Debian's library"]);
  // The first is the reference for the other boards too: for INT8 the kernels that round as theirs do.
  if (isInt8(model)) runtimes.reverse();
  for (const [provider, origin, library] of runtimes) {
    await check(`${board}: detect ${model}, ${provider} of ${origin}`, () =>
      detect(model, provider, library),
    );
  }
}

const broker = spawn('mosquitto', ['-p', '1883'], { stdio: 'ignore' });
await sleep(board === 'pc' ? 500 : 5000);
const settings = {
  MQTT_URL: 'mqtt://127.0.0.1:1883',
  NODE_ID: 'board',
  CAMERAS: 'clip',
  CAMERA_CLIP_URL: `${installed}/assets/demo/footage.mp4`,
  CAMERA_FPS: '0.2',
  CAMERA_STALL_TIMEOUT: '120',
  MAX_FRAME_AGE_MS: '60000',
};
for (const [provider, environment] of [
  ['cpu', { ONNXRUNTIME_LIB: bundled }],
  hasHalfPrecision ? ['xnnpack', {}] : ['auto', {}],
]) {
  await check(`${board}: daemon, video file to broker, ${provider}`, async () => {
    const { runtime } = await daemon({ ...settings, ...environment, PROVIDER: provider });
    assert.equal(runtime.provider, provider === 'auto' ? 'cpu' : provider);
    return `ONNX Runtime ${runtime.version}`;
  });
}
await check(`${board}: doctor finds nothing to mend`, async () => {
  const { findings, remark } = await trials(settings);
  const wrong = findings.filter(({ status }) => status !== 'ok');
  if (!hasHalfPrecision) {
    const unfit = wrong.shift();
    assert.match(unfit.message, /instructions that this processor does not have/);
  }
  assert.deepEqual(wrong, []);
  return remark;
});
await check(`${board}: doctor on the INT8 form`, async () => {
  const { findings, remark } = await trials({ ...settings, MODEL: `${DEFAULT_MODEL}-int8` });
  assert.ok(findings.some(({ check: name, status }) => name.startsWith('model on') && status === 'ok'));
  assert.deepEqual(
    findings.filter(({ status }) => status === 'failure'),
    [],
  );
  return remark;
});
if (!hasHalfPrecision) {
  await check(`${board}: asking for xnnpack is answered with the reason`, async () => {
    await assert.rejects(
      detect(DEFAULT_MODEL, 'xnnpack'),
      /xnnpack is not available.*instructions that this processor/s,
    );
  });
}
broker.kill();

if (board === 'pc') {
  const installer = join(folder, 'install.sh');
  const settingsFile = '/etc/ghostcam/ghostcam.env';
  const unit = '/etc/systemd/system/ghostcam.service';
  const install = (argument) => run('sh', [installer, argument], { timeout: patience });
  await check(`${board}: install.sh, and again, which keeps the settings`, async () => {
    const package_ = join(
      folder,
      readdirSync(folder).find((name) => name.endsWith('.tgz')),
    );
    await install(package_);
    assert.equal(statSync(settingsFile).mode & 0o777, 0o600);
    assert.equal(statSync('/etc/ghostcam').mode & 0o777, 0o700);
    writeFileSync(settingsFile, 'CAMERAS=mine\n');
    await install(package_);
    assert.equal(readFileSync(settingsFile, 'utf8'), 'CAMERAS=mine\n');
    assert.ok(existsSync(unit));
    await ghostcam(['--version']);
  });
  await check(`${board}: install.sh --uninstall keeps the settings, --purge does not`, async () => {
    await install('--uninstall');
    assert.ok(!existsSync(unit) && !existsSync(installed) && existsSync(settingsFile));
    await install('--purge');
    assert.ok(!existsSync('/etc/ghostcam'));
  });
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
