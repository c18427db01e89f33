/** What the pages link to and the files that they name are there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';

/** README, CONTRIBUTING, CHANGELOG, and all pages of docs/ and models/. */
const PAGES = [
  ...readdirSync('.').filter((name) => name.endsWith('.md')),
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
  ...readdirSync('models')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('models', name)),
];

/** What git ignores is made by commands that the pages show, so it may be absent. */
const IGNORED = readFileSync('.gitignore', 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.replaceAll(/^\/|\/$/g, ''));
/** Folders of the checkout. */
const ROOTS = ['.ci', 'assets', 'deploy', 'docs', 'models', 'native', 'scripts', 'src', 'test'];
/** Pages name a file from the checkout's root, from their own folder, or from the code that they describe. */
const CODE = ['', 'src', 'native', 'models', 'models/ghostcam_models'];
const SOURCE = /\.(cc|conf|h|json|md|mjs|py|service|sh|ts|yaml)$/;
const BARE_SOURCE = /^[\w-]+(\.test|\.bench)?\.(cc|h|mjs|py|sh|ts)$/;

const NAMES = new Set(
  ROOTS.flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => basename(name)),
  ),
);

/** `[text](target)`, without addresses of other sites. */
function linksOf(page: string): string[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((to) => !/^\w+:/.test(to));
}

/** The words in backticks and in indented commands that are a path of the checkout or the name of a source file. */
function pathsOf(page: string): string[] {
  const text = readFileSync(page, 'utf8');
  const code = [...text.matchAll(/`([^`]+)`|^ {4}(.*)$/gm)].map(
    ([, quoted, indented]) => quoted ?? indented ?? '',
  );
  const words = code
    .flatMap((line) => line.split(/[\s=]+/))
    .map((word) => word.replaceAll(/^[("']+|[)"',;:]+$/g, ''));
  return words.filter((word) => {
    if (BARE_SOURCE.test(word)) return true;
    if (!/^\.?[\w-][\w.-]*(\/[\w.+-]+)+\/?$/.test(word)) return false;
    return ROOTS.includes(word.split('/')[0] ?? '') || SOURCE.test(word);
  });
}

function isThere(path: string, page: string): boolean {
  if (!path.includes('/')) return NAMES.has(path);
  if (IGNORED.some((ignored) => path === ignored || path.startsWith(`${ignored}/`))) return true;
  return [dirname(page), ...CODE].some((folder) => existsSync(join(folder, path)));
}

/** The anchors that GitHub gives the headings of a page. */
function anchorsOf(page: string): string[] {
  const headings = [...readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test.each(PAGES)('links of %s lead somewhere', (page) => {
  const broken = linksOf(page).filter((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
  });
  expect(broken).toEqual([]);
});

test.each(PAGES)('files that %s names are there', (page) => {
  expect(pathsOf(page).filter((path) => !isThere(path, page))).toEqual([]);
});

test('links and paths are found at all', () => {
  expect(PAGES).toEqual(expect.arrayContaining(['README.md', 'docs/tracking.md', 'models/MODEL_CARD.md']));
  expect(linksOf('README.md').length).toBeGreaterThan(10);
  expect(pathsOf('docs/architecture.md')).toContain('src/daemon/daemon.ts');
  expect(isThere('src/no-such-file.ts', 'README.md')).toBe(false);
  expect(isThere('no-such-file.ts', 'README.md')).toBe(false);
});
