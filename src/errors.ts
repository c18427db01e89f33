/** What can go wrong, as a stable code for programs; the message is for people. */
export type ErrorCode =
  | 'CONFIG'
  | 'MODEL'
  | 'RUNTIME'
  | 'PROVIDER'
  | 'ADDON'
  | 'FFMPEG'
  | 'IMAGE'
  | 'MQTT'
  | 'FRAME'
  | 'NETWORK'
  | 'CAMERA'
  | 'CAMERA_LOGIN'
  | 'CLOSED';

/** The one error class of this project: what is wrong (message), its kind (code), what to do (remedy). */
export class GhostcamError extends Error {
  override readonly name = 'GhostcamError';
  readonly code: ErrorCode;
  readonly remedy: string | undefined;

  constructor(code: ErrorCode, message: string, options: { remedy?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.remedy = options.remedy;
  }
}
