/** The newest events with their pictures, in memory: bounded by number and by bytes. */
import type { EventPayload } from '../mqtt/payloads.js';
import type { EventView } from './api.js';

const MAX_EVENTS = 500;
/** Of all pictures together: the oldest go first. */
const MAX_PICTURE_BYTES = 16 * 2 ** 20;

export interface EventQuery {
  /** Only those that changed at this time or later: milliseconds since the Unix epoch. */
  since?: number;
  camera?: string;
  label?: string;
  /** That it is or was in. */
  zone?: string;
  limit?: number;
}

interface Stored {
  event: EventPayload;
  /** When it last changed: milliseconds since the Unix epoch. */
  at: number;
  jpeg?: Buffer;
}

export class EventStore {
  /** By id; who began first is first. */
  readonly #events = new Map<string, Stored>();
  #pictureBytes = 0;

  /** @param at Wall time in milliseconds. */
  update(event: EventPayload, at: number): EventView {
    const stored = this.#events.get(event.id) ?? { event, at };
    stored.event = event;
    stored.at = at;
    this.#events.set(event.id, stored);
    const [oldest] = this.#events.keys();
    if (this.#events.size > MAX_EVENTS && oldest !== undefined) {
      this.#dropPicture(this.#events.get(oldest));
      this.#events.delete(oldest);
    }
    return view(stored);
  }

  /** Undefined: its event is not known any more. */
  setPicture(id: string, jpeg: Buffer): EventView | undefined {
    const stored = this.#events.get(id);
    if (stored === undefined) return undefined;
    this.#dropPicture(stored);
    stored.jpeg = jpeg;
    this.#pictureBytes += jpeg.length;
    for (const old of this.#events.values()) {
      if (this.#pictureBytes <= MAX_PICTURE_BYTES) break;
      if (old !== stored) this.#dropPicture(old);
    }
    return view(stored);
  }

  /** @returns The camera's events that had pictures, which are gone. */
  dropPictures(camera: string): EventView[] {
    const pictured = [...this.#events.values()].filter(
      ({ event, jpeg }) => event.camera === camera && jpeg !== undefined,
    );
    for (const stored of pictured) this.#dropPicture(stored);
    return pictured.map(view);
  }

  picture(id: string): Buffer | undefined {
    return this.#events.get(id)?.jpeg;
  }

  /** The newest first. */
  find({ since = 0, camera, label, zone, limit = MAX_EVENTS }: EventQuery): EventView[] {
    const found: EventView[] = [];
    for (const stored of [...this.#events.values()].reverse()) {
      if (found.length >= limit) break;
      const { event, at } = stored;
      if (at < since) continue;
      if (camera !== undefined && event.camera !== camera) continue;
      if (label !== undefined && event.label !== label) continue;
      if (zone !== undefined && !event.enteredZones.includes(zone)) continue;
      found.push(view(stored));
    }
    return found;
  }

  #dropPicture(stored: Stored | undefined): void {
    if (stored?.jpeg === undefined) return;
    this.#pictureBytes -= stored.jpeg.length;
    delete stored.jpeg;
  }
}

function view({ event, at, jpeg }: Stored): EventView {
  return { ...event, at: new Date(at).toISOString(), picture: jpeg !== undefined };
}
