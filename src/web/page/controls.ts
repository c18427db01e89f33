/** The settings of a camera that can be changed while it is watched, as over MQTT. */
import type { CameraView, SettingsRequest } from '../api.js';
import { checkbox, el, labelled, setText } from './dom.js';
import { changeSettings, Refused } from './server.js';

export interface Controls {
  element: HTMLElement;
  update(camera: CameraView): void;
}

export function controls(camera: CameraView, report: (error: unknown) => void): Controls {
  const problem = el('p', { class: 'problem', role: 'alert' });
  const change = async (settings: SettingsRequest) => {
    try {
      await changeSettings(camera.name, settings);
      setText(problem, '');
    } catch (error) {
      if (error instanceof Refused) setText(problem, error.message);
      else report(error);
    }
  };
  const enabled = checkbox('Camera on', false, (on) => change({ enabled: on }), 'switch');
  const detect = checkbox('Detect', false, (on) => change({ detect: on }), 'switch');
  const threshold = el('input', { type: 'number', min: 0.01, max: 1, step: 0.01 });
  threshold.onchange = () => change({ threshold: threshold.valueAsNumber });
  const fps = el('input', { type: 'number', min: 0.1, max: 60, step: 0.1 });
  fps.onchange = () => change({ fps: fps.valueAsNumber });
  return {
    element: el(
      'fieldset',
      { class: 'row' },
      el('legend', {}, 'Settings until the next start'),
      enabled.element,
      detect.element,
      labelled('Threshold', threshold),
      labelled('Frames a second', fps),
      problem,
    ),
    update({ settings }) {
      enabled.input.checked = settings.enabled;
      detect.input.checked = settings.detect;
      // Not under the hands of who types.
      if (document.activeElement !== threshold) threshold.value = String(settings.threshold);
      if (document.activeElement !== fps) fps.value = String(settings.fps);
    },
  };
}
