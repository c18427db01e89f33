/** Which ONNX Runtime libraries this board has, and which of their providers really find the person in a photograph. */

import { fileURLToPath } from 'node:url';
import type { ProviderName } from '../config/types.js';
import { GhostcamError } from '../errors.js';
import { iou } from '../geometry/box.js';
import { PHOTO } from '../package-info.js';
import { runChild } from '../runtime/child.js';
import { candidateLibraries } from '../runtime/libraries.js';
import { HOW_TO_GET_A_LIBRARY, type Provider } from '../runtime/providers.js';
import { absent, type Finding, failure, ok, warning } from './finding.js';
import type { ProbeAnswer, ProbeRequest, ProbeTrial } from './probe.js';

export interface RuntimeQuestion {
  model: string;
  provider: ProviderName;
  threads?: number | undefined;
  /** Path of the ONNX Runtime library to examine instead of those found. */
  onnxruntimeLib?: string | undefined;
}

/** Where the person in PHOTO is, x1, y1, x2, y2 as shares of width and height. */
const PERSON = [0, 0, 0.73, 1] as const;
/** As in the COCO benchmark's usual criterion: the boxes of different models differ, their object does not. */
const SAME_OBJECT_IOU = 0.5;
const TIMEOUT_MS = 300_000;
/** Building TensorRT's engines takes minutes; it is tried when asked for by name. */
const SLOW_TO_TRY: readonly Provider[] = ['tensorrt'];

/** Of one inference. */
export interface InferenceTimes {
  inferenceMs: number;
  /** On all its threads. */
  inferenceCpuMs: number;
}

export interface RuntimeFindings {
  findings: Finding[];
  /** The fastest provider that finds the person; undefined: none does. */
  fastest?: InferenceTimes;
}

/** Tries every provider of every library, each in a process of its own, which a library may end. */
export async function examineRuntimes(question: RuntimeQuestion): Promise<RuntimeFindings> {
  const { onnxruntimeLib, provider } = question;
  const findings: Finding[] = [];
  const times: InferenceTimes[] = [];
  for (const path of candidateLibraries(onnxruntimeLib)) {
    const answer = await ask({ library: path });
    if ('error' in answer) {
      const check = onnxruntimeLib === undefined ? warning : failure;
      findings.push(check('ONNX Runtime', answer.error, answer.remedy));
      continue;
    }
    const { version, providers } = answer;
    findings.push(ok('ONNX Runtime', `${version} offers ${providers.join(', ')} (${path})`));
    for (const offered of providers) {
      if (provider === 'auto' ? SLOW_TO_TRY.includes(offered) : offered !== provider) continue;
      const { finding, times: taken } = await tryProvider(path, version, offered, question);
      if (taken !== undefined) times.push(taken);
      findings.push(finding);
    }
  }
  const [fastest] = times.sort((a, b) => a.inferenceMs - b.inferenceMs);
  if (fastest === undefined) return { findings: [...findings, nothingWorks(provider)] };
  return { findings, fastest };
}

function nothingWorks(provider: ProviderName): Finding {
  return failure(
    'model',
    provider === 'auto' ? 'no provider of any library runs it' : `provider ${provider} does not run it here`,
    `${HOW_TO_GET_A_LIBRARY} (cpu and xnnpack); on others set ONNXRUNTIME_LIB`,
  );
}

async function tryProvider(
  library: string,
  version: string,
  provider: Provider,
  { model, threads, provider: wanted }: RuntimeQuestion,
): Promise<{ finding: Finding; times?: InferenceTimes }> {
  const check = `model on ${provider} ${version}`;
  const trial = { provider, model, photo: PHOTO, ...(threads === undefined ? {} : { threads }) };
  const answer = await ask({ library, trial });
  if ('error' in answer) {
    // A library built with CUDA offers it on machines without a GPU too; auto takes what runs.
    if (wanted === 'auto' && provider !== 'cpu') {
      return { finding: absent(check, `not on this board: ${answer.error}`) };
    }
    return { finding: warning(check, answer.error, answer.remedy) };
  }
  const result = answer.trial as ProbeTrial;
  const finding = judge(check, result);
  if (finding.status !== 'ok') return { finding };
  return { finding, times: { inferenceMs: result.medianMs, inferenceCpuMs: result.cpuMs } };
}

function judge(check: string, result: ProbeTrial): Finding {
  const { medianMs, nodes } = result;
  const placement = Object.entries(nodes ?? {}).map(([name, count]) => `${count} nodes on ${name}`);
  const facts = [`${medianMs.toFixed(1)} ms`, ...placement].join(', ');
  if (!result.labels.includes('person'))
    return ok(check, `runs, ${facts}; it has no label of our photograph`);
  if (findsPerson(result)) return ok(check, `finds the person in our photograph, ${facts}`);
  return warning(check, `runs (${facts}), but misses the person in our photograph`, 'use another provider');
}

function findsPerson({ detections, width, height }: ProbeTrial): boolean {
  const [x1, y1, x2, y2] = PERSON;
  const truth = [x1 * width, y1 * height, x2 * width, y2 * height] as const;
  return detections.some(({ label, box }) => label === 'person' && iou(box, truth) >= SAME_OBJECT_IOU);
}

/** Runs probe.js in a process of its own; that the library ends it becomes an answer too. */
async function ask(request: ProbeRequest): Promise<ProbeAnswer> {
  const { library } = request;
  const probe = fileURLToPath(new URL('probe.js', import.meta.url));
  try {
    const { stdout, stderr } = await runChild(library, [probe, JSON.stringify(request)], TIMEOUT_MS);
    if (stdout !== '') return JSON.parse(stdout) as ProbeAnswer;
    // Node's last line is its own version.
    const lines = stderr.trim().split('\n');
    return {
      error: `${library} cannot be tried: ${lines.find((line) => /Error: /.test(line)) ?? lines.at(-1)}`,
    };
  } catch (error) {
    if (!(error instanceof GhostcamError)) throw error;
    const { message, remedy } = error;
    return { error: message, ...(remedy === undefined ? {} : { remedy }) };
  }
}
