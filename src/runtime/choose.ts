/** Chooses the ONNX Runtime library and the execution provider: what is asked for, else what is fastest here. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProviderName } from '../config/types.js';
import { GhostcamError } from '../errors.js';
import { type InputShape, shapeFor } from '../frame/input-shape.js';
import type { LoadedModel } from '../model/manifest.js';
import { addon, fromAddon, type NativeDetector, type NativeOpenRequest } from '../native/addon.js';
import type { Log } from '../observe/log.js';
import { checkLoading } from './child.js';
import { candidateLibraries, openLibrary, type RuntimeLibrary } from './libraries.js';
import { HOW_TO_GET_A_LIBRARY, PROVIDER_FACTS, PROVIDERS, type Provider } from './providers.js';

export interface RuntimeRequest {
  provider: ProviderName;
  threads: number;
  /** Path of the ONNX Runtime library to use instead of choosing one. */
  onnxruntimeLib?: string;
  log?: Log;
}

/** A model, library and provider that was tried, and how it did. */
export interface Candidate {
  /** Its name, with the size. */
  model: string;
  library: string;
  version: string;
  provider: Provider;
  /** Of a bare inference; absent when it failed. */
  medianMs?: number;
  error?: string;
}

export interface ChosenRuntime {
  model: LoadedModel;
  native: NativeDetector;
  session: number;
  /** Of the session that is open, at which the candidates were timed. */
  inputShape: InputShape;
  library: RuntimeLibrary;
  provider: Provider;
  medianMs: number;
  /** How many of the graph's nodes each provider (ONNX Runtime's name) ran; absent when no profile could be written. */
  nodes?: Record<string, number>;
  candidates: Candidate[];
}

type Opened = Omit<ChosenRuntime, 'candidates'>;

const AUTO = PROVIDERS.filter((provider) => PROVIDER_FACTS[provider].auto);
/** The shape of most cameras' pictures. */
const USUAL_PICTURE: InputShape = { width: 16, height: 9 };
/** What another form than the most precise one has to take at most, of that one's time. */
const WORTH_LESS_PRECISION = 0.9;

/** The shape at which a model is timed. */
export function usualShape({ inputSize }: Pick<LoadedModel, 'inputSize'>): InputShape {
  return shapeFor(inputSize, USUAL_PICTURE);
}

/**
 * Opens the fastest of the candidates. Throws PROVIDER, RUNTIME or MODEL errors that say what was tried.
 * @param models The forms to choose from, the most precise first: another one is taken only where it is a tenth faster.
 */
export async function chooseRuntime(
  models: readonly LoadedModel[],
  request: RuntimeRequest,
): Promise<ChosenRuntime> {
  addon(); // that it is missing is no library's fault
  const { libraries, failures } = await loadLibraries(request);
  const wanted = request.provider === 'auto' ? AUTO : [request.provider];
  const tried = libraries.flatMap((library) =>
    wanted
      .filter((name) => library.providers.includes(name))
      .flatMap((provider) => models.map((model) => ({ model, library, provider }))),
  );
  if (tried.length === 0) throw missingProvider(request.provider, libraries, failures);

  let best: Opened | undefined;
  let failure: unknown;
  const candidates: Candidate[] = [];
  const cost = ({ model, medianMs }: Opened) =>
    model === models[0] ? medianMs : medianMs / WORTH_LESS_PRECISION;
  for (const { model, library, provider } of tried) {
    const { path, version } = library;
    const candidate: Candidate = { model: model.name, library: path, version, provider };
    candidates.push(candidate);
    try {
      const opened = await openTimed(model, library, provider, request.threads);
      candidate.medianMs = opened.medianMs;
      request.log?.debug(
        `${model.name} on ${provider} of ${path}: ${opened.medianMs.toFixed(1)} ms an inference`,
        {
          nodes: opened.nodes,
        },
      );
      const slower = best !== undefined && cost(best) <= cost(opened) ? opened : best;
      if (slower !== opened) best = opened;
      await slower?.native.close();
    } catch (error) {
      failure = error;
      candidate.error = (error as Error).message;
      request.log?.debug(`${provider} of ${path} does not run ${model.name}: ${candidate.error}`);
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
  for (const path of candidateLibraries(undefined)) {
    try {
      opened.push(await loadLibrary(path));
    } catch (error) {
      const { code, message, remedy } = error as GhostcamError;
      if (code === 'ADDON') throw error; // no library's fault
      failure = error;
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

/** Opens a model that is known to run so, as {@link chooseRuntime} does, without timing it. Rejects with MODEL, PROVIDER or RUNTIME. */
export async function openSession(
  model: LoadedModel,
  library: { path: string },
  provider: Provider,
  threads: number,
): Promise<Pick<Opened, 'model' | 'native' | 'session' | 'inputShape'>> {
  const { native, session, inputShape } = await openNative(model, library, provider, threads, '');
  return { model, native, session, inputShape };
}

async function openTimed(
  model: LoadedModel,
  library: RuntimeLibrary,
  provider: Provider,
  threads: number,
): Promise<Opened> {
  // Without a writable folder there is no profile, and the rest goes on.
  const folder = await mkdtemp(join(tmpdir(), 'ghostcam-')).catch(() => undefined);
  const prefix = folder === undefined ? '' : join(folder, 'first-run');
  try {
    const { native, session, inputShape, profile } = await openNative(
      model,
      library,
      provider,
      threads,
      prefix,
    );
    try {
      const medianMs = await time(native, session);
      const nodes = profile === '' ? undefined : await countNodes(profile);
      const opened = { model, native, session, inputShape, library, provider, medianMs };
      return { ...opened, ...(nodes ? { nodes } : {}) };
    } catch (error) {
      await native.close();
      throw fromAddon(error);
    }
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

async function openNative(
  model: LoadedModel,
  library: { path: string },
  provider: Provider,
  threads: number,
  profilePrefix: string,
) {
  const native = newDetector();
  const inputShape = usualShape(model);
  try {
    const request = sessionRequest(model, { library, provider, threads }, inputShape);
    const { session, profile } = await native.open({ ...request, profilePrefix });
    return { native, session, inputShape, profile };
  } catch (error) {
    await native.close();
    throw fromAddon(error);
  }
}

/** Throws ADDON when its thread cannot be started. */
function newDetector(): NativeDetector {
  const { NativeDetector } = addon();
  try {
    return new NativeDetector();
  } catch (error) {
    throw fromAddon(error);
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
