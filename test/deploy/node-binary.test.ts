/** What a release leaves out of Node's program. That Node runs without it, on both processors: scripts/release/check.mjs. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
// @ts-expect-error: it is a script, without types.
import { atMost } from '../../scripts/release/check.mjs';
// @ts-expect-error: it is a script, without types.
import { takeOut } from '../../scripts/release/elf.mjs';
// @ts-expect-error: it is a script, without types.
import { dropLanguages } from '../../scripts/release/icu-data.mjs';
import { execute } from '../support/execute.js';

const KEPT = ['en.res', 'lang/en_GB.res', 'metadata.res', 'pool.res', 'res_index.res', 'root.res'];
const DROPPED = ['de.res', 'de_AT.res', 'fil.res', 'lang/zh_Hant_TW.res'];
const CONVERTERS = Array.from({ length: 100 }, (_, index) => `ibm-${1000 + index}.cnv`);
const ITEM_BYTES = 256;

/** ICU's data of these items, each the text of its own name. */
function icuData(names: readonly string[]): Buffer {
  const header = Buffer.alloc(32);
  header.writeUInt16LE(32);
  header.writeUInt16BE(0xda27, 2);
  header.write('CmnD', 12);
  const table = Buffer.alloc(4 + 8 * names.length);
  table.writeUInt32LE(names.length);
  const texts = names.map((name) => Buffer.from(`icudt1l/${name}\0`));
  let at = table.length;
  for (const [index, text] of texts.entries()) {
    table.writeUInt32LE(at, 4 + 8 * index);
    at += text.length;
  }
  const items = names.map((name) => {
    const item = Buffer.alloc(ITEM_BYTES);
    item.write(name);
    return item;
  });
  const gap = Buffer.alloc(-at & 15);
  at += gap.length;
  for (const [index, item] of items.entries()) {
    table.writeUInt32LE(at, 8 + 8 * index);
    at += item.length;
  }
  return Buffer.concat([header, table, ...texts, gap, ...items]);
}

/** Name and content of each item. */
function read(data: Buffer): [string, string][] {
  const text = (at: number) => data.toString('latin1', at, data.indexOf(0, at));
  return Array.from({ length: data.readUInt32LE(32) }, (_, index) => {
    const [name, content] = [0, 4].map((field) => text(32 + data.readUInt32LE(36 + 8 * index + field)));
    return [`${name}`.replace('icudt1l/', ''), `${content}`];
  });
}

test('languages go, but for English; all other items keep their content', () => {
  const names = [...CONVERTERS, ...KEPT, ...DROPPED].sort();
  const before = Buffer.from('code before');
  const program = Buffer.concat([before, icuData([...names, 'zone/zu.res']), Buffer.from('code after')]);
  const length = program.length;
  const { start, end } = dropLanguages(program);
  const kept = names.filter((name) => !DROPPED.includes(name));
  expect(read(program.subarray(before.length))).toEqual(kept.map((name) => [name, name]));
  expect(program).toHaveLength(length);
  expect(program.toString('latin1', 0, before.length)).toBe('code before');
  expect(program.toString('latin1', length - 10)).toBe('code after');
  expect(end - start).toBeGreaterThan(DROPPED.length * ITEM_BYTES);
  expect(program.subarray(start, end).every((byte) => byte === 0)).toBe(true);
});

test('data in another form ends the release instead of making a Node that fails', () => {
  expect(() => dropLanguages(Buffer.from('a program without'))).toThrow('Node has 0 parts');
  const data = icuData([...CONVERTERS, ...KEPT]);
  expect(() => dropLanguages(Buffer.concat([data, data]))).toThrow('Node has 2 parts');
  expect(() => dropLanguages(data)).toThrow('ordered otherwise');
});

test('a program without unused bytes runs as before, and is shorter by their whole pages', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ghostcam-elf-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [source, program, shorter] = ['a.c', 'program', 'shorter'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const size = 1_000_000;
  writeFileSync(
    source,
    `#include <stdio.h>
    __attribute__((aligned(16))) const char table[${size}] = "unused bytes follow";
    const char *after = "and code and data after them";
    int main(void) { return printf("%s, %s\\n", table, after) < 0; }`,
  );
  await execute('cc', ['-no-pie', '-o', program, source]);
  const elf = readFileSync(program);
  const first = elf.indexOf('unused bytes follow');
  const taken: Buffer = takeOut(elf, { start: first + 20, end: first + size });
  writeFileSync(shorter, taken, { mode: 0o755 });
  expect(await execute(shorter, [])).toEqual(await execute(program, []));
  expect((elf.length - taken.length) % 0x10000).toBe(0);
  expect(elf.length - taken.length).toBeGreaterThan(size - 3 * 0x10000);
});

test('bytes that no part of the program holds are refused', () => {
  const elf = readFileSync('/bin/true');
  expect(() => takeOut(elf, { start: elf.length, end: elf.length + 100_000 })).toThrow('lie in no segment');
});

test('what is larger than the limit ends the release', () => {
  expect(() => atMost('archive', 60_000_000, 60)).not.toThrow();
  expect(() => atMost('archive', 60_010_000, 60)).toThrow('archive: 60.01 MB are more than 60');
});
