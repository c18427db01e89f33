/**
 * How well tracks follow the truth: MOTA and identity switches (Bernardin and Stiefelhagen, "Evaluating Multiple Object
 * Tracking Performance: The CLEAR MOT Metrics", 2008) and IDF1 (Ristani et al., "Performance Measures and a Data Set for
 * Multi-Target, Multi-Camera Tracking", 2016, arXiv:1609.01775).
 */

import { type Box, iou } from '../../../src/geometry/box.js';
import { assign } from '../../../src/track/assignment.js';

export interface Labelled {
  id: string | number;
  box: Box;
  /** Neither a miss nor a false alarm: hardly visible, or not annotated. */
  ignored?: boolean;
}

export interface Score {
  mota: number;
  idf1: number;
  switches: number;
  misses: number;
  falseAlarms: number;
  /** Boxes of the truth. */
  truth: number;
}

/** The least overlap of a true and a tracked box that are the same. */
const SAME = 0.5;

export class Evaluation {
  #truth = 0;
  #misses = 0;
  #falseAlarms = 0;
  #switches = 0;
  #tracked = 0;
  readonly #lastTrack = new Map<Labelled['id'], Labelled['id']>();
  /** Frames in which a true object and a track overlapped, by their ids. */
  readonly #together = new Map<Labelled['id'], Map<Labelled['id'], number>>();
  readonly #trackIds = new Set<Labelled['id']>();

  frame(truth: readonly Labelled[], tracks: readonly Labelled[]): void {
    const pairs = this.#pairs(truth, tracks);
    for (const [index, object] of truth.entries()) {
      const track = pairs.get(index);
      const trackId = track === undefined ? undefined : (tracks[track] as Labelled).id;
      if (!object.ignored) this.#truth += 1;
      if (trackId === undefined) {
        if (!object.ignored) this.#misses += 1;
        continue;
      }
      const before = this.#lastTrack.get(object.id);
      if (before !== undefined && before !== trackId) this.#switches += 1;
      this.#lastTrack.set(object.id, trackId);
      if (object.ignored) continue;
      this.#tracked += 1;
      this.#trackIds.add(trackId);
      const row = this.#together.get(object.id) ?? new Map();
      row.set(trackId, (row.get(trackId) ?? 0) + 1);
      this.#together.set(object.id, row);
    }
    const matched = new Set(pairs.values());
    for (const [index, { id }] of tracks.entries()) {
      if (matched.has(index)) continue;
      this.#falseAlarms += 1;
      this.#tracked += 1;
      this.#trackIds.add(id);
    }
  }

  score(): Score {
    const [misses, falseAlarms, switches, truth] = [
      this.#misses,
      this.#falseAlarms,
      this.#switches,
      this.#truth,
    ];
    return {
      mota: 1 - (misses + falseAlarms + switches) / truth,
      idf1: (2 * this.#identityTruePositives()) / (truth + this.#tracked),
      switches,
      misses,
      falseAlarms,
      truth,
    };
  }

  /** A pair of the frame before is kept while it overlaps; the others are paired for the most overlap. */
  #pairs(truth: readonly Labelled[], tracks: readonly Labelled[]): Map<number, number> {
    const pairs = new Map<number, number>();
    const freeTracks = new Set(tracks.keys());
    for (const [index, object] of truth.entries()) {
      const kept = tracks.findIndex(({ id }) => id === this.#lastTrack.get(object.id));
      if (kept < 0 || iou(object.box, (tracks[kept] as Labelled).box) < SAME) continue;
      pairs.set(index, kept);
      freeTracks.delete(kept);
    }
    const rows = [...truth.keys()].filter((index) => !pairs.has(index));
    const columns = [...freeTracks];
    const cost = (row: number, column: number) =>
      1 -
      iou((truth[rows[row] as number] as Labelled).box, (tracks[columns[column] as number] as Labelled).box);
    for (const [row, column] of assign(rows.length, columns.length, cost, 1 - SAME).entries()) {
      if (column >= 0) pairs.set(rows[row] as number, columns[column] as number);
    }
    return pairs;
  }

  /** The one-to-one assignment of whole tracks to whole objects that explains the most boxes. */
  #identityTruePositives(): number {
    const objects = [...this.#together.values()];
    const ids = [...this.#trackIds];
    const shared = (row: number, column: number) => objects[row]?.get(ids[column] as Labelled['id']) ?? 0;
    const most = Math.max(1, this.#truth);
    const pairs = assign(objects.length, ids.length, (row, column) => 1 - shared(row, column) / most, 1);
    let total = 0;
    for (const [row, column] of pairs.entries()) if (column >= 0) total += shared(row, column);
    return total;
  }
}
