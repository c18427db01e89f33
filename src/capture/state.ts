/** What is published about a camera's connection. */

/** `stalled`: connected, but without a picture. `disabled`: switched off by its user. */
export type CameraStatus = 'online' | 'offline' | 'stalled' | 'disabled';

/** What a camera's retained state topic says. */
export interface CameraState {
  status: CameraStatus;
  /** Why, in one line without credentials; absent while all is well. Of an online camera: what is wrong with its stream's clock. */
  reason?: string;
  /** When this status began: milliseconds since the Unix epoch. */
  since: number;
}
