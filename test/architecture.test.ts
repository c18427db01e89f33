/** What docs/architecture.md says of the structure holds: who imports whom, no cycles, one reader of the clocks. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

interface Import {
  /** Paths such as `src/track/scene.ts`. */
  from: string;
  to: string;
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join('src', name));

/** Static, dynamic and type-only imports of our own files. */
const imports: Import[] = files.flatMap((from) => {
  const text = readFileSync(from, 'utf8');
  const paths = [...text.matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+)\.js'/g)];
  return paths.map(([, path = '']) => ({ from, to: `${normalize(join(dirname(from), path))}.ts` }));
});

/** `track` of src/track/scene.ts, `clock` of src/clock.ts. */
const room = (file: string) => (file.split('/')[1] ?? '').replace(/\.ts$/, '');

/** The rows of the table in docs/architecture.md, lowest first. */
function table(): Map<string, string[]> {
  const text = readFileSync('docs/architecture.md', 'utf8');
  const rows = text.slice(text.indexOf('## Who may import whom')).matchAll(/^\| `([\w-]+)` \| (.*?) \|/gm);
  return new Map(
    [...rows].map(([, name = '', allowed = '']) => [
      name,
      [...allowed.matchAll(/`([\w-]+)`/g)].map(([, other = '']) => other),
    ]),
  );
}

test('every import is of a file that is there', () => {
  expect(imports.filter(({ to }) => !files.includes(to))).toEqual([]);
  expect(imports.length).toBeGreaterThan(300);
});

test('who imports whom is what the table says, no more and no less', () => {
  const actual = Object.fromEntries(
    [...new Set(files.map(room))].sort().map((name) => {
      const others = imports.filter(({ from, to }) => room(from) === name && room(to) !== name);
      return [name, [...new Set(others.map(({ to }) => room(to)))].sort()];
    }),
  );
  const allowed = Object.fromEntries([...table()].sort().map(([name, others]) => [name, [...others].sort()]));
  expect(actual).toEqual(allowed);
});

test('the server of the page, and what it is made of, is loaded where a page is served alone', () => {
  const eager = files
    .filter((file) => !file.startsWith('src/web/'))
    .filter((file) => {
      const values = readFileSync(file, 'utf8').replaceAll(/^import type [^;]+;/gm, '');
      return /\bfrom '(?:(?:\.{1,2}\/)+web\/|@?hono|prom-client|ws')/.test(values);
    });
  expect(eager).toEqual([]);
});

test('the page, which runs in browsers, takes nothing but types from the daemon, and gives it nothing', () => {
  const isPage = (file: string) => file.startsWith('src/web/page/');
  const loaded = files.filter(isPage).flatMap((from) => {
    const text = readFileSync(from, 'utf8').replaceAll(/^import type [^;]+;/gm, '');
    return [...text.matchAll(/from '([^']+)'/g)].map(([, path = '']) => path);
  });
  expect(loaded.filter((path) => !/^\.\/[\w-]+\.js$/.test(path))).toEqual([]);
  expect(loaded.length).toBeGreaterThan(10);
  expect(imports.filter(({ from, to }) => isPage(to) && !isPage(from))).toEqual([]);
});

test('a row of the table imports from rows above it alone', () => {
  const rows = table();
  const names = [...rows.keys()];
  for (const [name, others] of rows) {
    for (const other of others)
      expect(names.indexOf(other), `${name} -> ${other}`).toBeLessThan(names.indexOf(name));
  }
});

test('no file imports itself by way of others, types included', () => {
  const importsOf = group(imports);
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file))
      throw new Error(`a cycle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`);
    if (done.has(file)) return;
    for (const { to } of importsOf.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
});

test('time is read by src/clock.ts alone, and by the bench, which measures', () => {
  const raw = /\b(?:Date\.now|performance\.now|process\.hrtime|process\.uptime)\b|new Date\(\)/;
  const readers = files.filter((file) => raw.test(readFileSync(file, 'utf8')));
  // A page has the browser's clock.
  const others = (file: string) => room(file) !== 'bench' && !file.startsWith('src/web/page/');
  expect(readers.filter(others)).toEqual(['src/clock.ts']);
});

test('the addon has one loader, mqtt.js one owner, other programs few starters, the environment one reader', () => {
  const rooms = (pattern: RegExp) => [
    ...new Set(files.filter((file) => pattern.test(readFileSync(file, 'utf8'))).map(room)),
  ];
  expect(rooms(/node-pre-gyp/)).toEqual(['native']);
  // demo subscribes as its user would.
  expect(rooms(/from 'mqtt'/).sort()).toEqual(['cli', 'mqtt']);
  expect(rooms(/from 'node:child_process'/).sort()).toEqual(['bench', 'capture', 'doctor', 'runtime']);
  expect(rooms(/\bprocess\.env\b/)).toEqual(['main']);
});

test('a file begins with what it is for', () => {
  const begins = (file: string) => /^(?:#!.*\n)?\/\*\*/.test(readFileSync(file, 'utf8'));
  expect(files.filter((file) => !begins(file))).toEqual([]);
});

function group(all: readonly Import[]): Map<string, Import[]> {
  const result = new Map<string, Import[]>();
  for (const one of all) result.set(one.from, [...(result.get(one.from) ?? []), one]);
  return result;
}
