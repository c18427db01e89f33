/** Whether this is a kind of machine that ghostcam runs on. */
import { type Finding, failure, ok, warning } from './finding.js';

export interface PlatformFacts {
  /** Node's names. */
  platform: string;
  arch: string;
  /** E.g. `2.41`; undefined where the C library is not glibc. */
  glibc: string | undefined;
  /** E.g. `20.19.2`. */
  node: string;
}

/** What the shipped addons need: the C library of Debian 12 or Ubuntu 22.04, see native/prebuild.mjs. */
const OLDEST_GLIBC = '2.34';
const OLDEST_NODE = '20.19';

export function platformFacts(): PlatformFacts {
  const report = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return {
    platform: process.platform,
    arch: process.arch,
    glibc: report.header.glibcVersionRuntime,
    node: process.versions.node,
  };
}

export function examinePlatform({ platform, arch, glibc, node }: PlatformFacts): Finding[] {
  return [examineProcessor(arch), ...(platform === 'linux' ? [examineLibc(glibc)] : []), examineNode(node)];
}

function examineProcessor(arch: string): Finding {
  if (arch === 'x64' || arch === 'arm64') return ok('processor', `${arch}`);
  const remedy =
    arch === 'arm'
      ? 'a Raspberry Pi 3, 4, 5 or Zero 2 takes the 64-bit Raspberry Pi OS: install that, and a 64-bit Node'
      : 'run ghostcam on a 64-bit Arm or x86 machine';
  return failure('processor', `${arch}: there is no ONNX Runtime and no addon for it`, remedy);
}

function examineLibc(glibc: string | undefined): Finding {
  if (glibc === undefined) {
    return warning(
      'C library',
      'not glibc (musl, as in Alpine?): the shipped addon and ONNX Runtime are for glibc',
      'use a Debian-based system or container; or build the addon (npm rebuild ghostcam, with g++ and make) and set ONNXRUNTIME_LIB to an ONNX Runtime for this C library',
    );
  }
  if (isOlder(glibc, OLDEST_GLIBC)) {
    return failure(
      'C library',
      `glibc ${glibc} is older than ${OLDEST_GLIBC}, which the shipped addon needs`,
      'upgrade to Debian 12, Ubuntu 22.04, JetPack 6 or later; or build the addon here: npm rebuild ghostcam, with g++ and make',
    );
  }
  return ok('C library', `glibc ${glibc}`);
}

function examineNode(node: string): Finding {
  if (isOlder(node, OLDEST_NODE)) {
    return failure('Node', `${node} is older than ${OLDEST_NODE}`, `install Node ${OLDEST_NODE} or later`);
  }
  return ok('Node', node);
}

function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0;
}
