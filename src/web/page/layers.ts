/** Which layers are shown over pictures; the browser keeps them. */
import { checkbox, el } from './dom.js';
import type { Layers } from './stage.js';

const KEY = 'ghostcam.layers';
const NAMES: Readonly<Record<keyof Layers, string>> = {
  boxes: 'Boxes',
  ids: 'Ids',
  zones: 'Zones',
  masks: 'Masks',
  motion: 'Moving cells',
  regions: 'Inferred regions',
};
/** Boxes alone: what an editor shows beside what is drawn. */
export const BOXES: Layers = {
  boxes: true,
  ids: false,
  zones: false,
  masks: false,
  motion: false,
  regions: false,
};
const DEFAULT: Layers = { ...BOXES, zones: true };

/** As this browser keeps them; the defaults where it keeps nothing. */
export function storedLayers(): Layers {
  try {
    return { ...DEFAULT, ...JSON.parse(localStorage.getItem(KEY) ?? '{}') };
  } catch {
    return { ...DEFAULT };
  }
}

export function layerSwitches(onChange: (layers: Layers) => void): HTMLElement {
  const layers = storedLayers();
  const switches = Object.entries(NAMES).map(([key, name]) => {
    const layer = key as keyof Layers;
    return checkbox(name, layers[layer], (on) => {
      layers[layer] = on;
      try {
        localStorage.setItem(KEY, JSON.stringify(layers));
      } catch {
        // A browser that keeps nothing forgets it with the page.
      }
      onChange({ ...layers });
    }).element;
  });
  return el(
    'fieldset',
    { class: 'row' },
    el('legend', {}, 'Shown over the picture'),
    ...switches,
    el(
      'p',
      { class: 'rate' },
      'Dashed boxes: followed, and not found here well enough to be reported, or not looked for.',
    ),
  );
}
