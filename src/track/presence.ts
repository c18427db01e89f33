/** In which zones one object is, by where it stands. */
import { isDeepStrictEqual } from 'node:util';
import type { Point, Size } from '../geometry/box.js';
import { contains, type Zone } from '../geometry/zones.js';

/** A single misplaced box on the border is neither an arrival nor a departure. */
const SIGHTINGS = 2;

interface Place {
  inside: boolean;
  /** Sightings in a row that contradict `inside`, and when the first of them was. */
  contradictions: number;
  since: number;
}

export class ZonePresence {
  #zones: readonly Zone[];
  #places: Place[];
  /** Whether a zone that it was in has gone. */
  #left = false;
  #entered: string[] = [];

  constructor(zones: readonly Zone[]) {
    this.#zones = zones;
    this.#places = zones.map(nowhere);
  }

  /** Takes other zones. In one that is as it was it stays; one that is gone it has left, as the next {@link observe} says. */
  setZones(zones: readonly Zone[]): void {
    const before = new Map(this.#zones.map((zone, index) => [zone, this.#places[index] as Place]));
    const placeIn = (zone: Zone) => {
      const same = [...before.keys()].find((earlier) => isDeepStrictEqual(earlier, zone));
      const place = same === undefined ? nowhere() : (before.get(same) as Place);
      if (same !== undefined) before.delete(same);
      return place;
    };
    this.#zones = zones;
    this.#places = zones.map(placeIn);
    this.#left ||= [...before.values()].some(({ inside }) => inside);
  }

  /** Zones it is in, in the order of the configuration. */
  get current(): string[] {
    return this.#zones.filter((_, index) => this.#places[index]?.inside).map(({ name }) => name);
  }

  /** All zones it has been in, in the order of entering. */
  get entered(): readonly string[] {
    return this.#entered;
  }

  /** Returns whether it entered or left a zone. */
  observe(point: Point, size: Size, at: number): boolean {
    let changed = this.#left;
    this.#left = false;
    for (const [index, zone] of this.#zones.entries()) {
      const place = this.#places[index] as Place;
      if (contains(zone.polygon, point, size) === place.inside) {
        place.contradictions = 0;
        continue;
      }
      if (place.contradictions === 0) place.since = at;
      place.contradictions += 1;
      const stayed = place.inside || at - place.since >= zone.dwell * 1000;
      if (place.contradictions < SIGHTINGS || !stayed) continue;
      place.inside = !place.inside;
      place.contradictions = 0;
      changed = true;
      if (place.inside && !this.#entered.includes(zone.name)) this.#entered.push(zone.name);
    }
    return changed;
  }
}

function nowhere(): Place {
  return { inside: false, contradictions: 0, since: 0 };
}
