/** Structured log lines on stderr, as systemd's journal and people read them. */
import type { LogLevel } from '../config/types.js';

export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}
export type { LogLevel };
