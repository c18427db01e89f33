/** Samples of one reporting interval and their percentiles. */

export interface Percentiles {
  p50: number;
  p95: number;
}

export class SampleWindow {
  #samples: number[] = [];

  add(value: number): void {
    this.#samples.push(value);
  }

  /** Percentiles since the last call (nearest rank), rounded to 0.01; undefined when nothing was added. */
  flush(): Percentiles | undefined {
    const sorted = this.#samples.sort((a, b) => a - b);
    this.#samples = [];
    if (sorted.length === 0) return undefined;
    return { p50: rank(sorted, 0.5), p95: rank(sorted, 0.95) };
  }
}

function rank(sorted: readonly number[], fraction: number): number {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] as number;
  return Math.round(value * 100) / 100;
}
