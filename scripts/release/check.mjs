// What must hold of a release before anybody gets it. Throws with what does not.
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { execute } from './execute.mjs';
import { releaseName, VERSION, WORK } from './targets.mjs';

/** In MB, as disks and downloads are counted. */
const MOST = { download: 60, unpacked: 150, npm: 110 };
const MB = 1e6;
/** Of the usual file system: a file takes whole ones. */
const BLOCK = 4096;
/** e_machine of an ELF file's header. */
const MACHINES = { x64: 62, arm64: 183 };

/** Bytes that a folder's files take on a disk. */
function folderBytes(folder) {
  return filesIn(folder).reduce((sum, path) => sum + Math.ceil(statSync(path).size / BLOCK) * BLOCK, 0);
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Throws when it is larger. */
export function atMost(what, bytes, megabytes) {
  if (bytes > megabytes * MB)
    throw new Error(`${what}: ${(bytes / MB).toFixed(2)} MB are more than ${megabytes}`);
}

/** Unpacks the archive anew and looks at every program and library in it. @returns Bytes unpacked. */
export function checkTarball(target, archive) {
  atMost(archive, statSync(archive).size, MOST.download);
  const place = join(WORK, 'unpacked');
  mkdirSync(place, { recursive: true });
  execute('tar', ['-xzf', archive, '-C', place]);
  const folder = join(place, releaseName(target));
  const bytes = folderBytes(folder);
  atMost(folder, bytes, MOST.unpacked);
  const programs = filesIn(folder).filter((path) => machine(path) !== undefined);
  for (const path of programs) {
    if (machine(path) !== MACHINES[target.arch]) throw new Error(`${path} is for another processor`);
  }
  const count = (pattern) => programs.filter((path) => pattern.test(path)).length;
  for (const pattern of [
    /\/node$/,
    /\/libonnxruntime\.so$/,
    /\/ghostcam\.node$/,
    /\/sharp-linux-\w+(-[\d.]+)?\.node$/,
  ]) {
    if (count(pattern) !== 1) throw new Error(`${archive} has ${count(pattern)} files like ${pattern}`);
  }
  checkLinks(folder);
  const node = nodeOf(target, folder);
  const said = node(['dist/main.js', '--version']).trim();
  if (said !== VERSION) throw new Error(`${folder}: its --version says ${said}`);
  loadDependencies(folder, node);
  checkLanguages(folder, node);
  if (target.arch === process.arch) {
    execute(join(folder, 'ghostcam'), ['detect', join(folder, 'lib/assets/doctor/photo.jpg'), '--json'], {
      env: { PATH: '/usr/bin:/bin' },
    });
    const seen = execute(join(folder, 'ghostcam'), ['demo', '--seconds', '20']);
    if (!/ (person|cat) 0\.\d+ /.test(seen))
      throw new Error(`${folder}/ghostcam demo shows nothing: ${seen}`);
  }
  return bytes;
}

/** What README leads to is there. */
function checkLinks(folder) {
  const links = [...readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/\]\((?!#|\w+:)([^)#]+)/g)];
  const dead = links.map(([, path]) => path).filter((path) => !existsSync(join(folder, path)));
  if (links.length < 10 || dead.length > 0)
    throw new Error(`${folder}/README.md leads to ${dead} of ${links.length}`);
}

/** @returns A function that runs the folder's Node in its lib/, emulated where it is for another processor than this machine's. */
function nodeOf({ arch, machine, triplet }, folder) {
  const node = join(folder, 'node');
  const [program, ...first] =
    arch === process.arch ? [node] : [`qemu-${machine}-static`, '-L', `/usr/${triplet}`, node];
  return (args, env = {}) =>
    execute(program, [...first, ...args], {
      cwd: join(folder, 'lib'),
      env: { PATH: '/usr/bin:/bin', ...env },
    });
}

/** Of Node without its languages: English, and all that is not a language, whatever the user's is. */
function checkLanguages(folder, node) {
  const parts = [
    "new Intl.DateTimeFormat('en', { dateStyle: 'full', timeZone: 'Asia/Tokyo' }).format(0)",
    "new TextDecoder('shift_jis').decode(new Uint8Array([0x83, 0x65]))",
    "new URL('http://bücher.example/').host",
    "[...new Intl.Segmenter().segment('e\\u0301!')].length",
    "'\\uFB01'.normalize('NFKC')",
    "['10', '9'].sort(new Intl.Collator('sv', { numeric: true }).compare)",
  ];
  const expected = 'Thursday, January 1, 1970|テ|xn--bcher-kva.example|2|fi|9,10';
  for (const LANG of ['C', 'de_DE.UTF-8', 'zh_TW']) {
    const said = node(['--print', `[${parts}].join('|')`], { LANG }).trim();
    if (said !== expected) throw new Error(`${folder}/node says ${said} with LANG=${LANG}, not ${expected}`);
  }
}

/** Loads whatever of its dependencies a part of the program names: used-files.mjs must have left all that these load. */
function loadDependencies(folder, node) {
  const lib = join(folder, 'lib');
  const parts = filesIn(join(lib, 'dist')).filter((path) => /^(?!.*\/web\/page\/).*\.js$/.test(path));
  const named = parts.flatMap((path) => [
    ...readFileSync(path, 'utf8').matchAll(/(?:\bfrom |\bimport\(|^import )'((?!node:)[@\w][-@/\w.]*)'/gm),
  ]);
  const names = new Set(named.map(([, name]) => name));
  if (names.size < 10) throw new Error(`${lib}/dist names no dependencies: ${[...names]}`);
  const program = [...names].map((name) => `import ${JSON.stringify(name)};\n`).join('');
  node(['--input-type=module', '--eval', program]);
}

/** Undefined: no ELF file. */
function machine(path) {
  const header = Buffer.alloc(20);
  const file = openSync(path, 'r');
  readSync(file, header);
  closeSync(file);
  return header.toString('latin1', 0, 4) === '\x7fELF' ? header.readUInt16LE(18) : undefined;
}

/** Errors of lintian end the release; its warnings are shown. */
export function checkDeb(deb) {
  execute('lintian', ['--fail-on', 'error', '--suppress-tags', 'bad-distribution-in-changes-file', deb], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

/** Installs the package as a user of that processor would. @returns Bytes with its dependencies. */
export function checkNpmPackage({ arch }, archive) {
  const prefix = join(WORK, `npm-${arch}`);
  execute('npm', [
    ...['install', '--global', '--silent', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', prefix],
    // --force: npm compares the package's own processor with this machine's, whatever --cpu says.
    ...['--force', '--os=linux', `--cpu=${arch}`, '--libc=glibc', archive],
  ]);
  const installed = join(prefix, 'lib/node_modules/ghostcam');
  const bytes = folderBytes(installed);
  atMost(installed, bytes, MOST.npm);
  const { devDependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  if (devDependencies !== undefined) throw new Error('the npm package names development dependencies');
  if (arch === process.arch) {
    const said = execute(join(prefix, 'bin/ghostcam'), ['--version']).trim();
    if (said !== VERSION) throw new Error(`the npm package says ${said}`);
  }
  return bytes;
}
