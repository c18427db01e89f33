/** Chooses the ONNX Runtime library and the execution provider: what is asked for, else what is fastest here. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProviderName } from '../config/types.js';
import { GhostcamError } from '../errors.js';
import type { InputShape } from '../frame/input-shape.js';
import type { LoadedModel } from '../model/manifest.js';
import { addon, fromAddon, type NativeDetector, type NativeOpenRequest } from '../native/addon.js';
import type { Log } from '../observe/log.js';
import { checkLoading } from './child.js';
import { bundledLibrary, openLibrary, type RuntimeLibrary, systemLibraries } from './libraries.js';
import { HOW_TO_GET_A_LIBRARY, PROVIDER_FACTS, PROVIDERS, type Provider } from './providers.js';

export interface RuntimeRequest {
  provider: ProviderName;
  threads: number;
  /** At which the candidates are timed, and the session of the chosen one is open. */
  inputShape: InputShape;
  /** Path of the ONNX Runtime library to use instead of choosing one. */
  onnxruntimeLib?: string;
  log?: Log;
}

/** A library and provider that was tried, and how it did. */
export interface Candidate {
  library: string;
  version: string;
  provider: Provider;
  /** Of a bare inference; absent when it failed. */
  medianMs?: number;
  error?: string;
}

export interface ChosenRuntime {
  native: NativeDetector;
  session: number;
  library: RuntimeLibrary;
  provider: Provider;
  medianMs: number;
  /** How many of the graph's nodes each provider (ONNX Runtime's name) ran; absent when no profile could be written. */
  nodes?: Record<string, number>;
  candidates: Candidate[];
}

type Opened = Omit<ChosenRuntime, 'candidates'>;

const AUTO = PROVIDERS.filter((provider) => PROVIDER_FACTS[provider].auto);

/** Opens the model with the fastest of the candidates. Throws PROVIDER, RUNTIME or MODEL errors that say what was tried. */
export async function chooseRuntime(model: LoadedModel, request: RuntimeRequest): Promise<ChosenRuntime> {
  addon(); // that it is missing is no library's fault
  const { libraries, failures } = await loadLibraries(request);
  const wanted = request.provider === 'auto' ? AUTO : [request.provider];
  const pairs = libraries.flatMap((library) =>
    wanted.filter((name) => library.providers.includes(name)).map((provider) => ({ library, provider })),
  );
  if (pairs.length === 0) throw missingProvider(request.provider, libraries, failures);

  let best: Opened | undefined;
  let failure: unknown;
  const candidates: Candidate[] = [];
  for (const { library, provider } of pairs) {
    const candidate: Candidate = { library: library.path, version: library.version, provider };
    candidates.push(candidate);
    try {
      const opened = await open(model, library, provider, request);
      candidate.medianMs = opened.medianMs;
      request.log?.debug(`${provider} of ${library.path}: ${opened.medianMs.toFixed(1)} ms an inference`, {
        nodes: opened.nodes,
      });
      const slower = best !== undefined && best.medianMs <= opened.medianMs ? opened : best;
      if (slower !== opened) best = opened;
      await slower?.native.close();
    } catch (error) {
      failure = error;
      candidate.error = (error as Error).message;
      request.log?.debug(`${provider} of ${library.path} does not run the model: ${candidate.error}`);
    }
  }
  if (best !== undefined) return { ...best, candidates };
  if ((failure as GhostcamError).code !== 'PROVIDER') throw failure;
  const reasons = candidates.map(({ provider, error }) => `${provider} cannot be used: ${error}`);
  throw missingProvider(request.provider, libraries, [...new Set(reasons), ...failures]);
}

interface LoadedLibraries {
  libraries: RuntimeLibrary[];
  /** Why others did not load. */
  failures: string[];
}

/** The explicit library, or those of the system that load, then the bundled one. */
async function loadLibraries({ onnxruntimeLib, log }: RuntimeRequest): Promise<LoadedLibraries> {
  if (onnxruntimeLib !== undefined) return { libraries: [await loadLibrary(onnxruntimeLib)], failures: [] };
  const failures: string[] = [];
  const opened: RuntimeLibrary[] = [];
  let failure: unknown;
  for (const path of [...systemLibraries(), bundledLibrary()]) {
    if (path === undefined) continue;
    try {
      opened.push(await loadLibrary(path));
    } catch (error) {
      failure = error;
      const { message, remedy } = error as GhostcamError;
      failures.push(message);
      log?.warn(message, remedy === undefined ? {} : { remedy });
    }
  }
  if (opened.length > 0) return { libraries: opened, failures };
  throw new GhostcamError('RUNTIME', 'no ONNX Runtime library loads on this machine', {
    cause: failure,
    remedy: `${HOW_TO_GET_A_LIBRARY}, or set ONNXRUNTIME_LIB`,
  });
}

async function loadLibrary(path: string): Promise<RuntimeLibrary> {
  await checkLoading(path);
  return openLibrary(path);
}

function missingProvider(
  provider: ProviderName,
  libraries: readonly RuntimeLibrary[],
  failures: readonly string[],
): GhostcamError {
  const loaded = libraries.map(
    ({ path, version, providers }) =>
      `${path} (ONNX Runtime ${version}) offers ${providers.join(', ') || 'none'}`,
  );
  return new GhostcamError(
    'PROVIDER',
    `provider ${provider} is not available: ${[...loaded, ...failures].join('; ')}`,
    {
      remedy: PROVIDER_FACTS[provider === 'auto' ? 'cpu' : provider].remedy,
    },
  );
}

async function open(
  model: LoadedModel,
  library: RuntimeLibrary,
  provider: Provider,
  { threads, inputShape }: RuntimeRequest,
): Promise<Opened> {
  const { NativeDetector } = addon();
  const native = new NativeDetector();
  // Without a writable folder there is no profile, and the rest goes on.
  const folder = await mkdtemp(join(tmpdir(), 'ghostcam-')).catch(() => undefined);
  try {
    const { session, profile } = await native.open({
      ...sessionRequest(model, { library, provider, threads }, inputShape),
      profilePrefix: folder === undefined ? '' : join(folder, 'first-run'),
    });
    const medianMs = await time(native, session);
    const nodes = profile === '' ? undefined : await countNodes(profile);
    return { native, session, library, provider, medianMs, ...(nodes ? { nodes } : {}) };
  } catch (error) {
    await native.close();
    throw fromAddon(error);
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** What opens a session of a model for one shape of its input. */
export function sessionRequest(
  { bytes, manifest }: LoadedModel,
  { library, provider, threads }: { library: { path: string }; provider: Provider; threads: number },
  { width, height }: InputShape,
): NativeOpenRequest {
  return {
    library: library.path,
    provider,
    threads,
    model: bytes,
    manifest,
    inputWidth: width,
    inputHeight: height,
    profilePrefix: '',
  };
}

/** Median milliseconds of as many runs as fit a third of a second, 15 at most. */
async function time(native: NativeDetector, session: number): Promise<number> {
  const [first = 0] = await native.bare(session, 1);
  const runs = Math.min(15, Math.max(1, Math.floor(300 / first)));
  return median(await native.bare(session, runs));
}

/** Of at least one number. */
export function median(numbers: Float64Array): number {
  return numbers.toSorted()[Math.floor(numbers.length / 2)] as number;
}

/** Counts the kernels in ONNX Runtime's profile (Chrome's trace format) by provider. */
async function countNodes(profile: string): Promise<Record<string, number> | undefined> {
  try {
    const events = JSON.parse(await readFile(profile, 'utf8')) as {
      cat?: string;
      name?: string;
      args?: { provider?: string };
    }[];
    const nodes: Record<string, number> = {};
    for (const { cat, name, args } of events) {
      if (cat !== 'Node' || !name?.endsWith('_kernel_time') || args?.provider === undefined) continue;
      nodes[args.provider] = (nodes[args.provider] ?? 0) + 1;
    }
    return nodes;
  } catch {
    return undefined; // a full disk, say: only the count is lost
  }
}
