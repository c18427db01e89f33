/**
 * A Kalman filter of a box that moves at a nearly constant velocity, over real time: frames come when they come, so the
 * noise grows with the seconds between two of them and not with their number.
 *
 * The state is that of BoT-SORT (Aharon et al. 2022, arXiv:2206.14651): centre, width and height, and their velocities.
 * No coordinate's noise depends on another one, so the eight-dimensional filter of DeepSORT and ByteTrack falls apart
 * exactly into four with two states each, which need no matrices. The process noise is that of white acceleration
 * (Bar-Shalom, Li, Kirubarajan: Estimation with Applications to Tracking and Navigation, 2001, 6.2.2). It composes: one
 * prediction over a second is the same as two over half a second.
 *
 * All noise is in units of the object's size, so it means the same for near and far ones.
 *
 * The state is changed in place: it lives from frame to frame, so that new objects for it would each time be copied into V8's old space.
 */
import type { Box } from '../geometry/box.js';

/**
 * Standard deviation of a measured coordinate, in object sizes: 0.09 for walkers seen by the model with an input of 320 pixels,
 * 0.065 with 640.
 */
const MEASURED = 0.09;
/** Standard deviation of the velocity of an object seen once, in sizes a second: a walker has about 1, a car more. */
const FIRST_VELOCITY = 1.5;
/** By how many sizes a second the velocity strays within a second. */
const ACCELERATION = 1;
/** Sizes change far less than places. */
const SHAPE = 0.25;
/**
 * A width or height that is further from the expected one than so many standard deviations is of something else as well: of two who are one
 * box, of half a person. Such a box says little of where the object is, and its noise is taken to be as large as makes it usual (after Chang,
 * "Robust Kalman filtering based on Mahalanobis distance as outlier judging criterion", Journal of Geodesy 88, 2014).
 */
const UNUSUAL = 2.5;

/** One coordinate: its value and velocity with their covariance. */
interface Axis {
  value: number;
  velocity: number;
  /** Variance of the value, covariance, variance of the velocity. */
  pvv: number;
  pvd: number;
  pdd: number;
}

/** A prediction: the box and how sure its centre is. */
export interface Prediction {
  box: Box;
  /** Standard deviations of the centre, in pixels. */
  sigmaX: number;
  sigmaY: number;
}

export class BoxFilter {
  readonly #axes: readonly [Axis, Axis, Axis, Axis];
  #size: number;
  /** When the state was last corrected by a measurement, in ms. */
  #at: number;

  constructor(box: Box, at: number) {
    const measured = toCentre(box);
    this.#size = sizeOf(measured[2], measured[3]);
    this.#at = at;
    this.#axes = measured.map((value, index) => ({
      value,
      velocity: 0,
      pvv: (MEASURED * this.#size) ** 2,
      pvd: 0,
      pdd: (FIRST_VELOCITY * share(index) * this.#size) ** 2,
    })) as [Axis, Axis, Axis, Axis];
  }

  /**
   * Where the box should be at a moment not before the last correction, in the size that it had then: the measured sizes of somebody who is
   * 30 pixels tall stray so much that he would be a line or a giant within a second. Changes nothing.
   */
  predict(at: number): Prediction {
    const seconds = this.#secondsUntil(at);
    const [x, y, width, height] = this.#axes;
    const density = (ACCELERATION * this.#size) ** 2;
    return {
      box: toCorners(valueAfter(x, seconds), valueAfter(y, seconds), width.value, height.value),
      sigmaX: Math.sqrt(varianceAfter(x, seconds, density)),
      sigmaY: Math.sqrt(varianceAfter(y, seconds, density)),
    };
  }

  /** Takes in a measured box; false: it is not of a size that this object may have by now, and counts for little. */
  correct(box: Box, at: number): boolean {
    const measured = toCentre(box);
    const seconds = this.#secondsUntil(at);
    const axes = this.#axes;
    for (let index = 0; index < axes.length; index++) {
      advance(axes[index] as Axis, seconds, (ACCELERATION * share(index) * this.#size) ** 2);
    }
    const noise = (MEASURED * this.#size) ** 2;
    const [, , width, height] = axes;
    const surprise = Math.max(surpriseOf(width, measured[2], noise), surpriseOf(height, measured[3], noise));
    const times = Math.max(1, (surprise / UNUSUAL) ** 2);
    for (let index = 0; index < axes.length; index++) {
      correctAxis(axes[index] as Axis, measured[index] as number, times * noise);
    }
    this.#at = at;
    this.#size = sizeOf(width.value, height.value);
    return times === 1;
  }

  #secondsUntil(at: number): number {
    return Math.max(0, at - this.#at) / 1000;
  }
}

/** Lets `dt` seconds pass. */
function advance(axis: Axis, dt: number, density: number): void {
  const { pvd, pdd } = axis;
  axis.value = valueAfter(axis, dt);
  axis.pvv = varianceAfter(axis, dt, density);
  axis.pvd = pvd + dt * pdd + (density * dt * dt) / 2;
  axis.pdd = pdd + density * dt;
}

function valueAfter({ value, velocity }: Axis, dt: number): number {
  return value + velocity * dt;
}

function varianceAfter({ pvv, pvd, pdd }: Axis, dt: number, density: number): number {
  return pvv + 2 * dt * pvd + dt * dt * pdd + (density * dt ** 3) / 3;
}

/** Takes in a measured value with a noise of this variance. */
function correctAxis(axis: Axis, measured: number, noise: number): void {
  const { value, velocity, pvv, pvd, pdd } = axis;
  const innovation = measured - value;
  const total = pvv + noise;
  axis.value = value + (pvv / total) * innovation;
  axis.velocity = velocity + (pvd / total) * innovation;
  axis.pvv = (pvv * noise) / total;
  axis.pvd = (pvd * noise) / total;
  axis.pdd = pdd - (pvd * pvd) / total;
}

/** By how many standard deviations a measured value differs from the expected one. */
function surpriseOf({ value, pvv }: Axis, measured: number, noise: number): number {
  return Math.abs(measured - value) / Math.sqrt(pvv + noise);
}

const share = (index: number) => (index < 2 ? 1 : SHAPE);

function toCentre([x1, y1, x2, y2]: Box): [number, number, number, number] {
  return [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1];
}

function toCorners(x: number, y: number, width: number, height: number): Box {
  // A box whose sizes shrank fast before a gap may be corrected to less than nothing.
  const halfWidth = Math.max(1, width) / 2;
  const halfHeight = Math.max(1, height) / 2;
  return [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight];
}

function sizeOf(width: number, height: number): number {
  return Math.sqrt(Math.max(1, width) * Math.max(1, height));
}
