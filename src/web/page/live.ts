/** The WebSocket: what changes, and pictures of the cameras that are shown. Connects anew until it is closed. */

import type {
  CamerasAnswer,
  ClientMessage,
  EventView,
  PictureHeader,
  ServerMessage,
  ShownDetections,
} from '../api.js';
import { liveUrl } from './server.js';

const RETRY_MS = 2000;
/** Of detections whose picture may still come. */
const KEPT = 50;

/** A picture with what holds in it. */
export interface Picture {
  header: PictureHeader;
  bitmap: ImageBitmap;
  /** Undefined: nothing was found, or nothing is looked for. */
  detections: ShownDetections | undefined;
}

export interface LiveListener {
  onCameras(answer: CamerasAnswer): void;
  onEvent(event: EventView): void;
  onPicture(picture: Picture): void;
  /** `refused`: most likely the session has ended. */
  onState(state: 'connected' | 'lost' | 'refused'): void;
}

export class Live {
  readonly #listener: LiveListener;
  #socket: WebSocket | undefined;
  #wanted: Extract<ClientMessage, { watch: unknown }> = { watch: {} };
  readonly #detections = new Map<string, Map<number, ShownDetections>>();
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(listener: LiveListener) {
    this.#listener = listener;
    // What nobody sees is not asked for, so that nothing is encoded.
    document.addEventListener('visibilitychange', () => this.#sendWatch());
  }

  open(): void {
    this.close();
    const socket = new WebSocket(liveUrl());
    socket.binaryType = 'arraybuffer';
    let accepted = false;
    socket.onopen = () => {
      accepted = true;
      this.#listener.onState('connected');
      this.#sendWatch();
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') this.#onText(JSON.parse(data));
      else void this.#onPicture(data);
    };
    socket.onclose = ({ code }) => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#listener.onState(accepted && code !== 1008 ? 'lost' : 'refused');
      this.#retry = setTimeout(() => this.open(), RETRY_MS);
    };
    this.#socket = socket;
  }

  close(): void {
    clearTimeout(this.#retry);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  /** @param cameras Pictures a second of each camera that is shown. @param motion Those of which it is shown where they move. */
  watch(cameras: Record<string, number>, motion: string[] = []): void {
    this.#wanted = { watch: cameras, motion };
    this.#sendWatch();
  }

  #sendWatch(): void {
    this.#send(document.hidden ? { watch: {} } : this.#wanted);
  }

  #send(message: ClientMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #onText(message: ServerMessage): void {
    if (message.type === 'cameras') this.#listener.onCameras(message);
    else if (message.type === 'event') this.#listener.onEvent(message.event);
    else this.#keep(message.camera, message.detections);
  }

  #keep(camera: string, detections: ShownDetections): void {
    const kept = this.#detections.get(camera) ?? new Map<number, ShownDetections>();
    this.#detections.set(camera, kept);
    kept.set(detections.sequence, detections);
    const [oldest] = kept.keys();
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
  }

  async #onPicture(data: ArrayBuffer): Promise<void> {
    const length = new DataView(data).getUint32(0);
    const header: PictureHeader = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
    const { camera } = header;
    try {
      const jpeg = new Blob([new Uint8Array(data, 4 + length)], { type: 'image/jpeg' });
      const bitmap = await createImageBitmap(jpeg);
      const kept = this.#detections.get(camera);
      const detections = header.detections === undefined ? undefined : kept?.get(header.detections);
      this.#listener.onPicture({ header, bitmap, detections });
    } finally {
      this.#send({ ack: camera });
    }
  }
}
