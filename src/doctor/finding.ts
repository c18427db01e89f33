/** What `ghostcam doctor` says about one thing. */
export interface Finding {
  /** What was tried, e.g. `ffmpeg` or `camera front`. */
  check: string;
  /** warning: ghostcam runs, but not as well as it might. failure: it cannot do its work. */
  status: 'ok' | 'warning' | 'failure';
  /** Free of credentials. */
  message: string;
  remedy?: string;
}

export function ok(check: string, message: string): Finding {
  return { check, status: 'ok', message };
}

export function warning(check: string, message: string, remedy?: string): Finding {
  return { check, status: 'warning', message, ...(remedy === undefined ? {} : { remedy }) };
}

export function failure(check: string, message: string, remedy?: string): Finding {
  return { check, status: 'failure', message, ...(remedy === undefined ? {} : { remedy }) };
}
