import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { type Choice, ChoiceFile, type ChoiceQuestion } from '../../src/runtime/choice-file.js';

let folder: string;
let library: string;
let question: ChoiceQuestion;
let choice: Choice;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ghostcam-state-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  library = join(folder, 'libonnxruntime.so');
  await writeFile(library, 'a library');
  question = { files: [library], models: ['m-320', 'm-320-int8'], provider: 'auto', threads: 2 };
  const found = { path: library, version: '1.21.0', providers: ['cpu' as const] };
  choice = { model: 'm-320-int8', library: found, provider: 'cpu', medianMs: 4.5, nodes: { CPU: 12 } };
});

const state = () => join(folder, 'state', 'ghostcam');
const path = () => join(state(), 'runtime.json');
const open = (changed: Partial<ChoiceQuestion> = {}) => ChoiceFile.open(state(), { ...question, ...changed });

test('a choice is found again by the next start, and by no one else of the machine', async () => {
  await (await open()).keep(choice);
  expect((await stat(path())).mode & 0o777).toBe(0o600);
  expect(await (await open()).take()).toEqual(choice);
});

test('it is gone while it is tried, so that a start which it ends does not meet it again', async () => {
  await (await open()).keep(choice);
  await (await open()).take();
  expect(await (await open()).take()).toBeUndefined();
  expect(await readdir(state())).toEqual([]);
});

test.each<[what: string, changed: Partial<ChoiceQuestion>]>([
  ['the provider', { provider: 'cpu' }],
  ['the threads', { threads: 1 }],
  ['the models', { models: ['m-320-int8'] }],
])('%s asked for otherwise: chosen anew', async (_, changed) => {
  await (await open()).keep(choice);
  expect(await (await open(changed)).take()).toBeUndefined();
});

test('a library that was replaced: chosen anew', async () => {
  await (await open()).keep(choice);
  await appendFile(library, ' of another version');
  expect(await (await open()).take()).toBeUndefined();
});

test.each<[what: string, changed: Partial<Choice>]>([
  ['a library', { library: { path: '/tmp/evil.so', version: '1.21.0', providers: ['cpu'] } }],
  ['a model', { model: '/tmp/evil.onnx' }],
  ['a provider', { provider: 'cuda' }],
])('%s that the settings would not allow is not taken from the file', async (what, changed) => {
  const asked = what === 'a provider' ? { provider: 'cpu' as const } : {};
  await (await open(asked)).keep({ ...choice, ...changed });
  expect(await (await open(asked)).take()).toBeUndefined();
});

test.each([
  ['nothing', ''],
  ['half a file', '{"facts":"'],
  ['another document', '{"choice":{"library":7}}'],
  ['null', 'null'],
  ['a large one', ' '.repeat(100_000)],
])('%s in the file: chosen anew, and written anew', async (_, text) => {
  await mkdir(state(), { recursive: true });
  await writeFile(path(), text);
  expect(await (await open()).take()).toBeUndefined();
  await (await open()).keep(choice);
  expect(await (await open()).take()).toEqual(choice);
});

test('a damaged choice in a file that is right otherwise is not taken', async () => {
  await (await open()).keep(choice);
  const document = JSON.parse(await readFile(path(), 'utf8')) as { choice: { provider: string } };
  document.choice.provider = 'rocm';
  await writeFile(path(), JSON.stringify(document));
  expect(await (await open()).take()).toBeUndefined();
});

test.each<[what: string, from: RegExp, to: string]>([
  ['a time below 0', /"medianMs":[\d.]+/, '"medianMs":-5'],
  ['a time without end', /"medianMs":[\d.]+/, '"medianMs":1e999'],
  ['a count below 0', /"CPU":\d+/, '"CPU":-1'],
  ['a version of several lines', /"version":"[\d.]+"/, '"version":"1\\n2"'],
  ['a long version', /"version":"[\d.]+"/, `"version":"${'1'.repeat(1000)}"`],
])('%s is not taken from the file, and not published', async (_, from, to) => {
  await (await open()).keep(choice);
  const text = await readFile(path(), 'utf8');
  expect(text).toMatch(from);
  await writeFile(path(), text.replace(from, to));
  expect(await (await open()).take()).toBeUndefined();
});

test.each([
  ['the system makes no folder', () => '/proc/self/ghostcam/state'],
  ['it is a loop of links', () => join(folder, 'loop', 'state')],
  ['its name is too long', () => join(folder, 'x'.repeat(300), 'state')],
])('where %s, nothing is kept and the start goes on', async (_, where) => {
  await symlink(join(folder, 'loop'), join(folder, 'loop'));
  const file = await ChoiceFile.open(where(), question);
  await expect(file.keep(choice)).resolves.toBeUndefined();
  expect(await file.take()).toBeUndefined();
});

test('a folder where nothing can be written is no error', async () => {
  await mkdir(join(folder, 'state'));
  // Where even root cannot make a folder: in a file.
  await writeFile(state(), '');
  await chmod(state(), 0o400);
  const file = await open();
  expect(await file.take()).toBeUndefined();
  await expect(file.keep(choice)).resolves.toBeUndefined();
});
