/** `stalled`: connected, but without a picture. `disabled`: switched off by its user. */
export type CameraStatus = 'online' | 'offline' | 'stalled' | 'disabled';

/** What a camera's retained state topic says. */
export interface CameraState {
  status: CameraStatus;
  /** Why, in one line without credentials; absent while all is well. */
  reason?: string;
  /** When this status began: milliseconds since the Unix epoch. */
  since: number;
}
