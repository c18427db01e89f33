/** What `npm pack` puts into the package: all that a board needs, and nothing that it does not. */

import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { execute } from '../support/execute.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

let files: string[];
beforeAll(async () => {
  // Without its scripts: the addons of both processors, which they build, are tried by test/boards.
  const stdout = await execute('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', root]);
  files = (JSON.parse(stdout) as [{ files: { path: string }[] }])[0].files.map(({ path }) => path);
});

test('licences, what builds the addon elsewhere, and what deploys it', () => {
  expect(files).toEqual(
    expect.arrayContaining([
      'LICENSE',
      'NOTICE',
      'README.md',
      'binding.gyp',
      'native/addon.cc',
      'native/install.mjs',
      'deploy/ghostcam.env.example',
      'deploy/systemd/ghostcam.service',
      'assets/doctor/photo.jpg',
      'assets/demo/footage.mp4',
      'docs/boards.md',
    ]),
  );
});

test('the versions of all dependencies, as they were tested', () => {
  expect(files).toContain('npm-shrinkwrap.json');
  const { packages } = JSON.parse(readFileSync(`${root}npm-shrinkwrap.json`, 'utf8'));
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const { version } = packages[`node_modules/${name}`];
    expect(version, name).toMatch(/^\d+\.\d+\.\d+/);
    const installed = readFileSync(`${root}node_modules/${name}/package.json`, 'utf8');
    expect(JSON.parse(installed).version, name).toBe(version);
  }
});

test('the float model, and every INT8 model for both processors; each with its manifest', () => {
  const models = files.filter((path) => path.startsWith('models/'));
  expect(models).toContain('models/yolov8n-ghostnetv2.onnx');
  const int8 = readdirSync(`${root}models`).filter((name) => /-int8-.*\.onnx$/.test(name));
  expect(int8.length).toBeGreaterThan(0);
  expect(models).toEqual(expect.arrayContaining(int8.map((name) => `models/${name}`)));
  for (const name of int8) {
    expect(models).toContain(`models/${name.replace(/[us]8s8/, name.includes('u8s8') ? 's8s8' : 'u8s8')}`);
  }
  const manifests = models.filter((path) => path.endsWith('.json'));
  expect(manifests.map((path) => path.replace('.json', '.onnx')).sort()).toEqual(
    models.filter((path) => path.endsWith('.onnx')).sort(),
  );
});

test('no sources of the daemon or of the models, no tests, no library but ONNX Runtime', () => {
  const others = files.filter(
    (path) => !/^lib\/onnxruntime\/linux-(arm64|x64)\/libonnxruntime\.so$/.test(path),
  );
  expect(others.filter((path) => /^(src|test)\/|\.(py|so[.\d]*|tgz|venv)$/.test(path))).toEqual([]);
});

test.each(['ghostcam', 'ghostcam/dist/main.js', 'ghostcam/dist/daemon/daemon.js'])(
  "import '%s' is refused: the package is a program, which would run and leave",
  async (specifier) => {
    const folder = await mkdtemp(join(tmpdir(), 'ghostcam-import-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await mkdir(join(folder, 'node_modules'));
    await symlink(root, join(folder, 'node_modules', 'ghostcam'));
    const script = `await import('${specifier}').catch(({ code }) => console.log(code)); console.log(process.env.MQTT_PASSWORD, 'lives')`;
    const stdout = await execute('env', [
      ...['-C', folder, 'MQTT_PASSWORD=secret'],
      ...[process.execPath, '--input-type=module', '-e', script],
    ]);
    expect(stdout).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\nsecret lives\n');
  },
);
