/** A moment as people at the camera read it. */
export interface LocalTime {
  /** 2026-11-25 */
  date: string;
  /** 14:03:12 */
  time: string;
  /** 482 */
  milliseconds: string;
  /** +01:00 */
  offset: string;
}

/** @param at Milliseconds since the Unix epoch. */
export function localTime(at: number): LocalTime {
  const minutes = -new Date(at).getTimezoneOffset();
  const [date = '', time = ''] = new Date(at + minutes * 60_000).toISOString().split('T');
  const offset = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  return {
    date,
    time: time.slice(0, 8),
    milliseconds: time.slice(9, 12),
    offset: `${minutes < 0 ? '-' : '+'}${offset}`,
  };
}
