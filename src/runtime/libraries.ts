/** Which ONNX Runtime libraries this machine has. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { addon, fromAddon } from '../native/addon.js';
import { PROVIDER_FACTS, PROVIDERS, type Provider } from './providers.js';

export interface RuntimeLibrary {
  path: string;
  version: string;
  providers: Provider[];
}

/** Loads a library, for the rest of the process. Throws a RUNTIME error with the linker's reason. */
export function openLibrary(path: string): RuntimeLibrary {
  try {
    const { version, providers } = addon().loadRuntime(path);
    const known = PROVIDERS.filter((provider) => providers.includes(PROVIDER_FACTS[provider].ortName));
    return { path, version, providers: known };
  } catch (error) {
    throw fromAddon(error, 'ONNXRUNTIME_LIB must name a libonnxruntime.so for this processor and C library');
  }
}

/** Paths of the libraries to choose from: the one that is named, else those of the system, newest first, then the bundled one. */
export function candidateLibraries(named: string | undefined): string[] {
  if (named !== undefined) return [named];
  return [...systemLibraries(), bundledLibrary()].filter((path) => path !== undefined);
}

/** Installed by the system's package manager, newest first: paths of files, each once. */
function systemLibraries(): string[] {
  const found = new Set<string>();
  for (const folder of libraryFolders()) {
    for (const name of readFolder(folder)) {
      const path = /^libonnxruntime\.so(\.\d+)*$/.test(name) ? fileAt(join(folder, name)) : undefined;
      if (path !== undefined) found.add(path);
    }
  }
  return [...found].sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
}

/** Undefined: a link that leads nowhere, as a package that is gone may leave it. */
function fileAt(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** The one that a release brings, else that of onnxruntime-node, which a checkout has; undefined: there is none for this platform. */
export function bundledLibrary(): string | undefined {
  const file = `../../lib/onnxruntime/${process.platform}-${process.arch}/libonnxruntime.so`;
  const released = fileURLToPath(new URL(file, import.meta.url));
  if (existsSync(released)) return released;
  const bin = fileURLToPath(new URL('../../node_modules/onnxruntime-node/bin', import.meta.url));
  for (const napi of readFolder(bin)) {
    const folder = join(bin, napi, process.platform, process.arch);
    const name = readFolder(folder).find((file) => file.startsWith('libonnxruntime.so'));
    if (name !== undefined) return join(folder, name);
  }
  return undefined;
}

/** Where the dynamic linker looks on Debian, Fedora and the like, and beside Node (Termux, conda). */
function libraryFolders(): string[] {
  const triplet = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu', arm: 'arm-linux-gnueabihf' }[
    process.arch as string
  ];
  const beside = join(dirname(dirname(process.execPath)), 'lib');
  return [...(triplet ? [`/usr/lib/${triplet}`] : []), '/usr/local/lib', '/usr/lib64', '/usr/lib', beside];
}

function readFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return []; // not there: nothing to find in it
  }
}
