/** Milliseconds of many runs, told by the middle one and the quartiles. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export function spread(times: readonly number[]): Spread {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** `12.3 (11.8-13.0)`, in milliseconds. */
export function format({ median, low, high }: Spread, digits = 1): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)}-${high.toFixed(digits)})`;
}

export function ratio(one: Spread, other: Spread): number {
  return one.median / other.median;
}
