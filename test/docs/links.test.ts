/** Links and file names in the documents lead somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...list('docs'),
  'models/README.md',
  'models/MODEL_CARD.md',
];

function list(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.md')).map((name) => join(folder, name));
}

/** Headings of a document as a link names them. */
function anchors(file: string): string[] {
  const headings = readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test.each(documents)('%s', (document) => {
  const text = readFileSync(document, 'utf8');
  const dead: string[] = [];
  for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? document : join(dirname(document), path);
    if (!existsSync(file)) dead.push(target);
    else if (anchor !== undefined && file.endsWith('.md') && !anchors(file).includes(anchor))
      dead.push(target);
  }
  // Names of files in our own folders; models/README.md names those of its package.
  for (const [, path = ''] of text.matchAll(
    /`((?:src|native|test|scripts|assets|deploy|docs)\/[\w./-]+)`/g,
  )) {
    if (!['.', 'models/ghostcam_models'].some((folder) => existsSync(join(folder, path)))) dead.push(path);
  }
  expect(dead).toEqual([]);
});
