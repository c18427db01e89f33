/** The two trackers that are compared, and the table that says how they did. */

import type { Detection } from '../../../src/detect/detection.js';
import { TrackIds } from '../../../src/track/ids.js';
import { Tracker } from '../../../src/track/tracker.js';
import { IouTracker } from './iou-tracker.js';
import type { Labelled, Score } from './metrics.js';

/** The shipped model's reporting threshold, and what the daemon lets through for the second stage. */
export const THRESHOLD = 0.3;
export const WEAK = 0.12;

/** Takes in a frame's detections, weak ones included, and returns the confirmed tracks that are in it. */
export type Follow = (detections: readonly Detection[], at: number) => Labelled[];

const isGood = ({ score }: Detection) => score > THRESHOLD;

function ours(): Follow {
  const tracker = new Tracker(new TrackIds(0));
  return (detections, at) => {
    const { tracks } = tracker.update(detections, () => THRESHOLD, at);
    return detections.flatMap(({ box }, index) => {
      const track = tracks[index];
      return track?.confirmed ? [{ id: track.id, box }] : [];
    });
  };
}

function plain(): Follow {
  const tracker = new IouTracker();
  return (detections, at) => tracker.update(detections.filter(isGood), at);
}

export const TRACKERS: readonly (readonly [name: string, make: () => Follow])[] = [
  ['ours', ours],
  ['IoU', plain],
];

export const HEADER =
  '| fps | tracker | MOTA | IDF1 | ID switches a minute | missed | false |\n| --: | --- | --: | --: | --: | --: | --: |';

export function row(fps: number, name: string, score: Score, minutes: number): string {
  const { mota, idf1, switches, misses, falseAlarms, truth } = score;
  const share = (count: number) => `${((100 * count) / truth).toFixed(1)} %`;
  const cells = [
    mota.toFixed(3),
    idf1.toFixed(3),
    (switches / minutes).toFixed(1),
    share(misses),
    share(falseAlarms),
  ];
  return `| ${[fps, name, ...cells].join(' | ')} |`;
}
