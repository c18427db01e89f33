/** The names of all topics: base / node / …, as README's table lists them. */
export class Topics {
  readonly #root: string;

  constructor(base: string, nodeId: string) {
    this.#root = `${base}/${nodeId}`;
  }

  get nodeState(): string {
    return `${this.#root}/state`;
  }

  get info(): string {
    return `${this.#root}/info`;
  }

  get health(): string {
    return `${this.#root}/health`;
  }

  /** Where `ghostcam doctor` talks to itself. */
  get doctor(): string {
    return `${this.#root}/doctor`;
  }

  /** What the topics of a camera begin with. */
  camera(camera: string): string {
    return `${this.#root}/${camera}`;
  }

  cameraState(camera: string): string {
    return `${this.#root}/${camera}/state`;
  }

  detections(camera: string): string {
    return `${this.#root}/${camera}/detections`;
  }

  events(camera: string): string {
    return `${this.#root}/${camera}/events`;
  }

  count(camera: string, label: string): string {
    return `${this.#root}/${camera}/${label}/count`;
  }

  snapshot(camera: string, label: string): string {
    return `${this.#root}/${camera}/${label}/snapshot`;
  }

  motion(camera: string): string {
    return `${this.#root}/${camera}/motion`;
  }

  settingCommand(camera: string, setting: string): string {
    return `${this.#root}/${camera}/${setting}/set`;
  }

  settingState(camera: string, setting: string): string {
    return `${this.#root}/${camera}/${setting}/state`;
  }
}
