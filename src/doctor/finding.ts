/** What `ghostcam doctor` says about one thing. */
export interface Finding {
  /** What was tried, e.g. `ffmpeg` or `camera front`. */
  check: string;
  /** absent: not on this board, and not needed. warning: ghostcam runs, but not as well as it might. failure: it cannot do its work. */
  status: 'ok' | 'absent' | 'warning' | 'failure';
  /** Free of credentials. */
  message: string;
  remedy?: string;
}

export function ok(check: string, message: string): Finding {
  return { check, status: 'ok', message };
}

export function absent(check: string, message: string): Finding {
  return { check, status: 'absent', message };
}

export function warning(check: string, message: string, remedy?: string): Finding {
  return { check, status: 'warning', message, ...(remedy === undefined ? {} : { remedy }) };
}

export function failure(check: string, message: string, remedy?: string): Finding {
  return { check, status: 'failure', message, ...(remedy === undefined ? {} : { remedy }) };
}
