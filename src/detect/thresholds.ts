/** One score threshold per class from what the model and the camera's settings say. */
import { filterOf, type LabelFilter } from '../geometry/filters.js';

export interface ThresholdSettings {
  /** Score for every label; undefined: the model's own. */
  threshold: number | undefined;
  /** Labels that are wanted; undefined: all. */
  labels: readonly string[] | undefined;
  /** May have a score for a label, over `threshold`. */
  filters: readonly LabelFilter[];
}

export interface ModelThresholds {
  score: number;
  perLabel: Readonly<Record<string, number>>;
  /** Those that differ where a region is inferred. */
  region?: { perLabel: Readonly<Record<string, number>> };
}

/** What an inference can be of: the whole picture, or a region of it. */
export type InferenceKind = 'whole' | 'region';

/** Above every score: a class with this threshold is never reported, and costs the decoder nothing. */
const NEVER = 2;

/** Length = labels.length, index = class id. */
export function classThresholds(
  labels: readonly string[],
  model: ModelThresholds,
  { threshold, labels: wanted, filters }: ThresholdSettings,
  kind: InferenceKind = 'whole',
): Float32Array {
  const ofKind = kind === 'region' ? { ...model.perLabel, ...model.region?.perLabel } : model.perLabel;
  return Float32Array.from(labels, (label) => {
    if (wanted !== undefined && !wanted.includes(label)) return NEVER;
    // A label may be called as what every object has: `constructor`.
    const own = Object.hasOwn(ofKind, label) ? ofKind[label] : undefined;
    return filterOf(filters, label).threshold ?? threshold ?? own ?? model.score;
  });
}

/** Whether a class may be reported at all. */
export function isReportable(thresholds: Float32Array, classId: number): boolean {
  return (thresholds[classId] as number) < NEVER;
}
