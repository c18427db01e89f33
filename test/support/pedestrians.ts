/** Who walks through vtest.avi, as a person saw it, and what the detector sees: see test/fixtures/pedestrians/README.md. */
import { readFileSync } from 'node:fs';
import type { Detection } from '../../src/detect/detection.js';
import type { Box } from '../../src/geometry/box.js';
import { visibleShare } from './visibility.js';

export const FOOTAGE = { width: 768, height: 576, fps: 10, frames: 795 };
/** Frames whose boxes are known. */
export const ANNOTATED = 401;
/** The sign that people pass behind. */
const SIGN: Box = [413, 203, 445, 243];

export interface Pedestrian {
  id: string;
  box: Box;
  /** Share of the box that neither the sign nor a nearer person hides. */
  visible: number;
}

export interface Visit {
  id: string;
  /** Frames, inclusive. */
  first: number;
  last: number;
}

const lines = (file: string) =>
  readFileSync(new URL(`../fixtures/pedestrians/${file}`, import.meta.url), 'utf8')
    .trim()
    .split('\n');

export function visits(): Visit[] {
  return lines('visits.csv')
    .slice(1)
    .map((line) => {
      const [id = '', first, last] = line.split(',');
      return { id, first: Number(first), last: Number(last) };
    });
}

interface KeyFrame {
  frame: number;
  box: number[];
}

/** A function of the frame, 0 to ANNOTATED - 1, to the people in it. */
export function pedestrianTruth(): (frame: number) => Pedestrian[] {
  const keys = new Map<string, KeyFrame[]>();
  for (const line of lines('boxes.csv').slice(1)) {
    const [id = '', frame, ...box] = line.split(',');
    keys.set(id, [...(keys.get(id) ?? []), { frame: Number(frame), box: box.map(Number) }]);
  }
  return (frame) => {
    const present = [...keys].flatMap(([id, frames]) => {
      const box = interpolated(frames, frame);
      return box === undefined ? [] : [{ id, box }];
    });
    return present.map(({ id, box }) => {
      const nearer = present.filter((other) => other.id !== id && other.box[3] > box[3]);
      return { id, box, visible: visibleShare(box, [SIGN, ...nearer.map((other) => other.box)]) };
    });
  };
}

function interpolated(keys: readonly KeyFrame[], frame: number): Box | undefined {
  const after = keys.findIndex((key) => key.frame >= frame);
  const to = keys[after];
  if (to === undefined) return undefined;
  if (to.frame === frame) return to.box as unknown as Box;
  const from = keys[after - 1];
  if (from === undefined) return undefined;
  const share = (frame - from.frame) / (to.frame - from.frame);
  return from.box.map((value, side) => value + share * ((to.box[side] as number) - value)) as unknown as Box;
}

/** Of every second frame: what the detector finds above 0.12. */
export function recordedDetections(): Detection[][] {
  const classIds = new Map<string, number>();
  return lines('detections.jsonl').map((line) =>
    (JSON.parse(line) as [string, number, number, number, number, number][]).map(([label, score, ...box]) => {
      const classId = classIds.get(label) ?? classIds.size;
      classIds.set(label, classId);
      return { label, classId, score, box };
    }),
  );
}
