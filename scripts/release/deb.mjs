// The Debian package of a release's folder.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { execute } from './execute.mjs';
import { DOCUMENTS } from './program.mjs';
import { commitTime } from './tarball.mjs';
import { RELEASE, ROOT, VERSION, WORK } from './targets.mjs';

const here = join(dirname(fileURLToPath(import.meta.url)), 'debian');
const MAINTAINER_SCRIPTS = ['postinst', 'prerm', 'postrm'];

/** @returns The package. */
export function makeDeb({ debian }, folder) {
  const root = join(WORK, `deb-${debian}`);
  const path = (...parts) => {
    const whole = join(root, ...parts);
    mkdirSync(dirname(whole), { recursive: true });
    return whole;
  };
  cpSync(folder, path('usr/lib/ghostcam'), { recursive: true });
  const program = path('usr/lib/ghostcam');
  for (const name of DOCUMENTS) {
    cpSync(join(program, name), path('usr/share/doc/ghostcam', name), { recursive: true });
    rmSync(join(program, name.split('/')[0]), { recursive: true, force: true });
  }
  for (const name of ['ghostcam.env.example', 'NOTICE', 'LICENSE']) rmSync(join(program, name));
  symlinkSync('../lib/ghostcam/ghostcam', path('usr/bin/ghostcam'));
  cpSync(join(ROOT, 'deploy/systemd/ghostcam.service'), path('usr/lib/systemd/system/ghostcam.service'));
  cpSync(join(ROOT, 'deploy/ghostcam.env.example'), path('etc/ghostcam/ghostcam.env'));
  writeFileSync(path('usr/share/doc/ghostcam/copyright'), copyright());
  writeFileSync(path('usr/share/doc/ghostcam/changelog.gz'), gzipSync(changelog(), { level: 9 }));
  cpSync(join(here, 'lintian-overrides'), path('usr/share/lintian/overrides/ghostcam'));
  setModes(root);

  for (const name of MAINTAINER_SCRIPTS) {
    cpSync(join(here, name), path('DEBIAN', name));
    chmodSync(path('DEBIAN', name), 0o755);
  }
  writeFileSync(path('DEBIAN/conffiles'), '/etc/ghostcam/ghostcam.env\n');
  const control = readFileSync(join(here, 'control'), 'utf8');
  const values = {
    VERSION,
    MAINTAINER: maintainer(),
    ARCHITECTURE: debian,
    SIZE: Math.ceil(installedBytes(root) / 1024),
  };
  writeFileSync(
    path('DEBIAN/control'),
    control.replaceAll(/@(\w+)@/g, (_, name) => values[name]),
  );
  writeFileSync(path('DEBIAN/md5sums'), checksums(root));
  const deb = join(RELEASE, `ghostcam_${VERSION}_${debian}.deb`);
  execute('dpkg-deb', ['--root-owner-group', '-Zxz', '-z3', '--build', root, deb], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(commitTime()) },
  });
  return deb;
}

function entries(root) {
  return readdirSync(root, { recursive: true, withFileTypes: true }).filter(
    ({ parentPath }) => !parentPath.startsWith(join(root, 'DEBIAN')),
  );
}

function files(root) {
  return entries(root)
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

const installedBytes = (root) => files(root).reduce((sum, file) => sum + statSync(file).size, 0);

function checksums(root) {
  return files(root)
    .filter((file) => !file.startsWith(join(root, 'etc')) && !file.startsWith(join(root, 'DEBIAN')))
    .map(
      (file) =>
        `${createHash('md5').update(readFileSync(file)).digest('hex')}  ${file.slice(root.length + 1)}\n`,
    )
    .join('');
}

/** What is executed is; the settings are for root alone. */
function setModes(root) {
  const executables = new Set(['ghostcam', 'node'].map((name) => join(root, 'usr/lib/ghostcam', name)));
  for (const entry of entries(root)) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(path, 0o755);
    else if (entry.isFile()) chmodSync(path, executables.has(path) ? 0o755 : 0o644);
  }
  chmodSync(root, 0o755);
  chmodSync(join(root, 'etc/ghostcam'), 0o700);
  chmodSync(join(root, 'etc/ghostcam/ghostcam.env'), 0o600);
}

/** Who committed what is released. */
function maintainer() {
  return execute('git', ['log', '-1', '--format=%an <%ae>'], { cwd: ROOT }).trim();
}

function changelog() {
  const date = new Date(commitTime() * 1000).toUTCString().replace('GMT', '+0000');
  return (
    `ghostcam (${VERSION}) stable; urgency=medium\n\n  * See CHANGELOG.md.\n\n` +
    ` -- ${maintainer()}  ${date}\n`
  );
}

function copyright() {
  const notice = readFileSync(join(ROOT, 'NOTICE'), 'utf8').trim();
  return (
    `${notice}\n\nLicence: Apache-2.0, on Debian systems in /usr/share/common-licenses/Apache-2.0.\n\n` +
    'Brought along, each with its licence beside it:\n' +
    '  Node.js: /usr/lib/ghostcam/LICENSE.node\n' +
    '  ONNX Runtime (MIT): /usr/lib/ghostcam/lib/lib/onnxruntime/*/LICENSE and ThirdPartyNotices.txt\n' +
    '  packages of npm: /usr/lib/ghostcam/lib/node_modules/*/LICENSE\n'
  );
}
