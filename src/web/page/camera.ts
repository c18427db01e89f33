/** One camera: live, with what is found, and its settings. */
import type { CameraView, ShownDetections } from '../api.js';
import { controls } from './controls.js';
import { el, labelled, setText } from './dom.js';
import { EventList } from './event-list.js';
import { layerSwitches, storedLayers } from './layers.js';
import { type Layers, Stage } from './stage.js';
import { cameraOf, type State, type View } from './view.js';
import { presence, rateWords, stateWords, trialWords } from './words.js';

const RATES = [1, 2, 3, 5];
const DEFAULT_RATE = 2;
const EVENTS = 24;

/** @param onWatch What is watched was changed by hand. */
export function cameraView(
  state: State,
  camera: CameraView,
  report: (error: unknown) => void,
  onWatch: () => void,
): View {
  const { name } = camera;
  const layers = storedLayers();
  const stage = new Stage(camera, layers);
  const moving = (shown: Layers) => (shown.motion ? [name] : []);
  const heading = el('h1', {}, camera.title);
  const status = el('p', { class: 'state', role: 'status' });
  const there = el('p', { class: 'presence' });
  const rate = el('p', { class: 'rate' });
  const ages = el('p', { class: 'rate' });
  const trial = el('p', { class: 'trial', role: 'status' });
  const settings = controls(camera, report);
  const events = new EventList();
  const pictures = el(
    'select',
    {},
    ...RATES.map((fps) => el('option', { value: fps, selected: fps === DEFAULT_RATE }, `${fps}`)),
  );
  const view: View = {
    title: camera.title,
    element: el(
      'div',
      { class: 'camera' },
      heading,
      el('div', { class: 'live' }, stage.element, there, status, rate, ages, trial),
      el(
        'div',
        { class: 'panel' },
        layerSwitches((shown) => {
          stage.layers = shown;
          view.motion = moving(shown);
          onWatch();
        }),
        labelled('Pictures a second', pictures),
        settings.element,
        el(
          'p',
          {},
          el('a', { class: 'button', href: `#/camera/${name}/edit` }, 'Draw zones, masks and limits'),
        ),
      ),
      el(
        'section',
        { 'aria-labelledby': 'of-camera' },
        el('h2', { id: 'of-camera' }, 'Its newest events'),
        events.element,
      ),
    ),
    watched: { [name]: DEFAULT_RATE },
    motion: moving(layers),
    update(now) {
      const newest = cameraOf(now, name);
      if (newest === undefined) return;
      stage.update(newest);
      setText(heading, newest.title);
      setText(status, stateWords(newest));
      setText(there, presence(newest));
      setText(rate, rateWords(newest));
      setText(trial, trialWords(newest));
      settings.update(newest);
      events.update(now.events.filter((event) => event.camera === name).slice(0, EVENTS), now);
    },
    show(picture) {
      if (picture.header.camera !== name) return;
      stage.show(picture);
      setText(ages, agesInWords(picture.detections));
    },
  };
  pictures.onchange = () => {
    view.watched = { [name]: Number(pictures.value) };
    onWatch();
  };
  view.update(state);
  return view;
}

function agesInWords(detections: ShownDetections | undefined): string {
  if (detections === undefined) return 'Nothing was inferred.';
  const { queueMs, inferenceMs, publishMs } = detections.ages;
  return `Inferred: ${regionWords(detections)}. Age of the newest result: inference began after ${queueMs} ms, boxes after ${inferenceMs} ms, message after ${publishMs} ms`;
}

/** `the whole picture and a region of 320 x 192 pixels`. */
function regionWords({ regions, width, height }: ShownDetections): string {
  return regions
    .map(([x1, y1, x2, y2]) => {
      const [w, h] = [Math.round(x2 - x1), Math.round(y2 - y1)];
      return w === width && h === height ? 'the whole picture' : `a region of ${w} x ${h} pixels`;
    })
    .join(' and ');
}
