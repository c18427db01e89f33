/** Percentiles of a finished series. */
export function percentile(samples: ArrayLike<number>, fraction: number): number {
  const sorted = Float64Array.from(samples).sort();
  if (sorted.length === 0) return Number.NaN;
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] as number;
}

export function sum(samples: ArrayLike<number>): number {
  let total = 0;
  for (let index = 0; index < samples.length; index++) total += samples[index] as number;
  return total;
}
