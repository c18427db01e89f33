/** The folders of native/ include each other in one direction, as docs/native.md says. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** What each folder may include, besides its own headers and the system's. */
const ALLOWED: Record<string, readonly string[]> = {
  bindings: ['detection', 'image', 'onnxruntime', 'base'],
  detection: ['image', 'onnxruntime', 'base'],
  image: ['base'],
  onnxruntime: ['base'],
  base: [],
};

const folders = readdirSync('native', { withFileTypes: true }).filter((entry) => entry.isDirectory());

test('each folder has its rule', () => {
  expect(folders.map(({ name }) => name).sort()).toEqual(Object.keys(ALLOWED).sort());
});

test.each(Object.keys(ALLOWED))('%s includes nothing above it', (folder) => {
  const allowed = [folder, ...(ALLOWED[folder] ?? [])];
  const files = readdirSync(`native/${folder}`);
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const text = readFileSync(`native/${folder}/${file}`, 'utf8');
    for (const [line, header] of text.matchAll(/^#include "(.*)"/gm)) {
      expect(allowed, `${folder}/${file}: ${line}`).toContain(header?.split('/')[0]);
    }
    const node = /^#include <(node_api|napi)\.h>/m.test(text);
    if (folder !== 'bindings') expect(node, `${folder}/${file} includes Node's headers`).toBe(false);
  }
});
