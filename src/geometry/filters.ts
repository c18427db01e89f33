/** Which detections of a camera count at all: by size, by shape and by where they stand. */
import { area, type Box, foot, type Size } from './box.js';
import { isFor, type Mask } from './masks.js';
import { contains } from './zones.js';

/** Limits for one label; what is not given is not limited. */
export interface LabelFilter {
  /** `*`: every label, where its own filter says nothing. */
  label: string;
  /** Score from which it is reported; takes effect through the class thresholds. */
  threshold?: number;
  /** Smallest and largest box, as a share of the picture. */
  minArea?: number;
  maxArea?: number;
  /** Width of the box by its height. */
  minAspect?: number;
  maxAspect?: number;
}

/** What holds for one label: its own filter over that of `*`. */
export function filterOf(filters: readonly LabelFilter[], label: string): LabelFilter {
  const find = (wanted: string) => filters.find((filter) => filter.label === wanted);
  return { ...find('*'), ...find(label), label };
}

/** What a filter reads of a detection. */
export interface LabelledBox {
  label: string;
  /** In pixels of the picture. */
  box: Box;
}

export class DetectionFilter {
  readonly #filters: readonly LabelFilter[];
  readonly #masks: readonly Mask[];
  readonly #ofLabel = new Map<string, LabelFilter>();

  /** @param masks Areas in which some labels, or all, do not count. */
  constructor(filters: readonly LabelFilter[], masks: readonly Mask[]) {
    this.#filters = filters;
    this.#masks = masks;
  }

  /** @param size Of the picture that the box is measured in. */
  keeps({ label, box }: LabelledBox, size: Size): boolean {
    const { minArea = 0, maxArea = 1, minAspect = 0, maxAspect = Number.POSITIVE_INFINITY } = this.#of(label);
    const share = area(box) / (size.width * size.height);
    const aspect = (box[2] - box[0]) / (box[3] - box[1]);
    return (
      share >= minArea &&
      share <= maxArea &&
      aspect >= minAspect &&
      aspect <= maxAspect &&
      !this.#masks.some((mask) => isFor(mask, label) && contains(mask, foot(box), size))
    );
  }

  #of(label: string): LabelFilter {
    let filter = this.#ofLabel.get(label);
    if (filter === undefined) {
      filter = filterOf(this.#filters, label);
      this.#ofLabel.set(label, filter);
    }
    return filter;
  }
}
