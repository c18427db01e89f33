/** Whether this is a kind of machine that ghostcam runs on. */

export interface PlatformFacts {
  /** Node's names. */
  platform: string;
  arch: string;
  /** E.g. `2.41`; undefined where the C library is not glibc. */
  glibc: string | undefined;
  /** E.g. `20.19.2`. */
  node: string;
}

export type PlatformPart = 'processor' | 'C library' | 'Node';

export interface PlatformProblem {
  part: PlatformPart;
  message: string;
  remedy: string;
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

/** What keeps addon and ONNX Runtime from running here; empty: nothing is known to. */
export function platformProblems({ platform, arch, glibc, node }: PlatformFacts): PlatformProblem[] {
  const problems: PlatformProblem[] = [];
  if (arch !== 'x64' && arch !== 'arm64') {
    problems.push({
      part: 'processor',
      message: `there is no ONNX Runtime and no addon for ${arch}`,
      remedy:
        arch === 'arm'
          ? 'a Raspberry Pi 3, 4, 5 or Zero 2 takes the 64-bit Raspberry Pi OS: install that, and a 64-bit Node'
          : 'run ghostcam on a 64-bit Arm or x86 machine',
    });
  }
  if (platform === 'linux' && glibc === undefined) {
    problems.push({
      part: 'C library',
      message: 'this is not glibc (musl, as in Alpine?), which the shipped addon and ONNX Runtime are for',
      remedy:
        'use a Debian-based system or container; or build the addon (npm rebuild ghostcam, with g++, make and python3) and set ONNXRUNTIME_LIB to an ONNX Runtime for this C library',
    });
  }
  if (glibc !== undefined && isOlder(glibc, OLDEST_GLIBC)) {
    problems.push({
      part: 'C library',
      message: `glibc ${glibc} is older than ${OLDEST_GLIBC}, which the shipped addon needs`,
      remedy:
        'upgrade to Debian 12, Ubuntu 22.04, JetPack 6 or later; or build the addon here: npm rebuild ghostcam, with g++, make and python3',
    });
  }
  if (isOlder(node, OLDEST_NODE)) {
    problems.push({
      part: 'Node',
      message: `Node ${node} is older than ${OLDEST_NODE}`,
      remedy: `install Node ${OLDEST_NODE} or later`,
    });
  }
  return problems;
}

function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0;
}
