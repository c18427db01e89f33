/**
 * Tries one ONNX Runtime library, as a program of its own: a library for another processor can end the process that
 * loads it, with no chance to say why.
 * Usage: node probe.js REQUEST; REQUEST and the answer on standard output are JSON, see the types.
 */
import { writeSync } from 'node:fs';
import type { Detection } from '../detect/detection.js';
import { Detector } from '../detect/detector.js';
import { GhostcamError } from '../errors.js';
import { openLibrary } from '../runtime/libraries.js';
import type { Provider } from '../runtime/providers.js';
import { stillFile } from '../still/file.js';

export interface ProbeRequest {
  library: string;
  /** Absent: only load the library and list what it offers. */
  trial?: { provider: Provider; model: string; threads?: number; photo: string };
}

export type ProbeAnswer =
  | { version: string; providers: Provider[]; trial?: ProbeTrial }
  | { error: string; remedy?: string };

export interface ProbeTrial {
  medianMs: number;
  /** CPU time of one inference on all its threads, in milliseconds. */
  cpuMs: number;
  nodes?: Record<string, number>;
  labels: string[];
  width: number;
  height: number;
  detections: Detection[];
}

const TIMED_RUNS = 10;

async function probe({ library, trial }: ProbeRequest): Promise<ProbeAnswer> {
  try {
    const { version, providers } = openLibrary(library);
    return { version, providers, ...(trial === undefined ? {} : { trial: await run(library, trial) }) };
  } catch (error) {
    if (!(error instanceof GhostcamError)) return { error: firstLine((error as Error).message) };
    return { error: error.message, ...(error.remedy === undefined ? {} : { remedy: error.remedy }) };
  }
}

async function run(
  library: string,
  { provider, model, threads, photo }: NonNullable<ProbeRequest['trial']>,
): Promise<ProbeTrial> {
  const detector = await Detector.open({
    model,
    provider,
    onnxruntimeLib: library,
    ...(threads === undefined ? {} : { threads }),
  });
  try {
    // Its library is wanted for pictures alone: without it the runtime is none the worse.
    const { readStill } = await import('../still/read.js');
    const frame = await readStill(stillFile(photo));
    const { detections } = await detector.detect(frame);
    const { medianMs, nodes, model: manifest } = detector.info;
    const { width, height } = frame;
    const cpuMs = await cpuTime(detector);
    return {
      medianMs,
      cpuMs,
      ...(nodes ? { nodes } : {}),
      labels: manifest.labels,
      width,
      height,
      detections,
    };
  } finally {
    await detector.close();
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] as string;
}

async function cpuTime(detector: Detector): Promise<number> {
  const before = detector.cpuSeconds();
  await detector.bare(TIMED_RUNS);
  return (1000 * (detector.cpuSeconds() - before)) / TIMED_RUNS;
}

const answer = await probe(JSON.parse(process.argv[2] as string) as ProbeRequest);
// Written at once: a pipe's buffered rest would be lost if the library crashed at exit.
writeSync(1, JSON.stringify(answer));
