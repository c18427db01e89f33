// Carries out deploy/container/Dockerfile without a container engine: every stage's steps in a Debian 13 root file system, then what
// the image would start, as its user, with a camera and a broker, until its health check is content.
// Usage: node image.mjs ROOT CONTEXT   (root; ROOT: a clean Debian 13, CONTEXT: release/container)
// Prints TAP-like lines, then `N passed, N failed`. Of the Dockerfile's language it knows what this one uses, and refuses the rest.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const [root, context] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const BASE = 'debian:13-slim';
/** As a build for this machine would set them. */
const ARGUMENTS = { TARGETARCH: 'amd64' };
const BROKER_PORT = 18_883;

let passed = 0;
let failed = 0;
async function check(name, body) {
  const began = performance.now();
  try {
    await body();
    passed++;
    console.log(`ok - image: ${name} (${((performance.now() - began) / 1000).toFixed(0)} s)`);
  } catch (error) {
    failed++;
    console.log(
      `not ok - image: ${name}\n    ${`${error.message}\n${error.stderr ?? ''}`.replaceAll('\n', '\n    ')}`,
    );
  }
}

/** Instructions as [name, rest], continued lines joined. */
function parse(text) {
  const lines = text.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/\\\n\s*/g, '');
  return lines
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1).trim()]);
}

/** How to run a command in a stage's file system, which keeps what it writes. */
function entering(stage, script) {
  return {
    file: 'unshare',
    args: ['--mount', 'sh', join(here, 'enter.sh'), root, 'sh', '-c', `cd / && ${script}`],
    options: {
      env: { ...process.env, GHOSTCAM_BOARD_CHANGES: stage.changes },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  };
}

function run(stage, script) {
  const { file, args, options } = entering(stage, script);
  return execFileSync(file, args, { ...options, encoding: 'utf8', maxBuffer: 2 ** 26 });
}

/** What ADD does with an archive: unpacks it into a folder of the stage. */
function add(stage, archive, target) {
  const folder = join(stage.changes, 'upper', target);
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xzf', join(context, archive), '-C', folder]);
}

const work = mkdtempSync(join(process.env.GHOSTCAM_BOARDS_CACHE ?? tmpdir(), 'ghostcam-image-'));
const stages = [];
try {
  for (const [instruction, rest] of parse(readFileSync(join(context, 'Dockerfile'), 'utf8'))) {
    const stage = stages.at(-1);
    const words = rest.split(/\s+/);
    if (instruction === 'FROM') {
      assert.equal(rest, BASE);
      const changes = join(work, String(stages.length));
      mkdirSync(changes);
      stages.push({ changes, arguments: {} });
    } else if (instruction === 'RUN') {
      const settings = Object.entries(stage.arguments).map(([name, value]) => `export ${name}=${value}; `);
      await check(`RUN ${rest.slice(0, 60)}…`, () => run(stage, `${settings.join('')}${rest}`));
    } else if (instruction === 'ADD') {
      const [archive, target] = words.map((word) =>
        word.replaceAll(/\$\{(\w+)\}/g, (_, name) => stage.arguments[name]),
      );
      add(stage, archive, target);
    } else if (instruction === 'ARG') stage.arguments[rest] = ARGUMENTS[rest];
    else if (instruction === 'USER') stage.user = rest;
    else if (instruction === 'ENTRYPOINT') stage.entrypoint = JSON.parse(rest);
    else if (instruction === 'CMD') stage.command = JSON.parse(rest);
    else if (instruction === 'HEALTHCHECK') stage.health = JSON.parse(rest.slice(rest.indexOf('CMD ') + 4));
    else throw new Error(`image.mjs does not know ${instruction}`);
  }

  const image = stages.at(-1);
  const [user, group] = image.user.split(':');
  const quote = (words) => words.map((word) => `'${word}'`).join(' ');
  const asUser = `exec setpriv --reuid ${user} --regid ${group} --clear-groups env HOME=/`;
  await check('one ONNX Runtime for this processor, besides the system’s', () => {
    const found = run(image, "find / -xdev -name 'libonnxruntime.so*' -type f").trim().split('\n');
    assert.equal(found.length, 2, found.join(' '));
  });
  await check('the daemon runs as the image’s user, and its health check is content', async () => {
    const broker = spawn('mosquitto', ['-p', String(BROKER_PORT)], { stdio: 'ignore' });
    const settings = `MQTT_URL=mqtt://127.0.0.1:${BROKER_PORT} NODE_ID=image CAMERAS=door CAMERA_DOOR_URL=test:`;
    const { file, args, options } = entering(
      image,
      `${asUser} ${settings} ${quote([...image.entrypoint, ...image.command])}`,
    );
    const daemon = spawn(file, args, options);
    let log = '';
    daemon.stderr.on('data', (chunk) => {
      log += chunk;
    });
    const ended = new Promise((resolve) => daemon.once('close', resolve));
    try {
      // The health check sees the files of the running container: those of its mount namespace.
      const health = () => {
        try {
          execFileSync('nsenter', ['--target', String(daemon.pid), '--mount', '--root', ...image.health], {
            cwd: '/',
            stdio: 'ignore',
          });
          return true;
        } catch {
          return false;
        }
      };
      const deadline = Date.now() + 120_000;
      while (!health()) {
        assert.ok(Date.now() < deadline && daemon.exitCode === null, `it is not healthy:\n${log}`);
        await sleep(1000);
      }
      daemon.kill('SIGTERM');
      assert.equal(await ended, 0, log);
    } finally {
      daemon.kill('SIGKILL');
      broker.kill();
    }
  });
} finally {
  if (existsSync(work)) rmSync(work, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
