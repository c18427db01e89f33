/** One area in the editor's list: what it is for, in fields. */
import type { Size } from '../../geometry/box.js';
import { el, labelled, newId, setAttributes, setText } from './dom.js';
import { type Area, isLimit, nameProblem, shareOf } from './env-lines.js';

export interface AreaItem {
  element: HTMLElement;
  /** The area has changed. @param number Of its kind, from 1. */
  update(area: Area, number: number, size: Size): void;
}

export interface AreaItemParts {
  /** Those that it can be for. */
  labels: readonly string[];
  /** All other areas, as they are now. */
  others: () => readonly Area[];
  onChange(change: Partial<Area>): void;
  onChoose(): void;
  onDelete(): void;
}

/** @param number Of its kind, from 1. */
export function titleOfArea({ kind, name, labels: [label = '*'] }: Area, number: number): string {
  const object = label === '*' ? 'other object' : label;
  return {
    zone: `Zone ${name}`,
    mask: `Mask ${number}`,
    privacy: `Private area ${number}`,
    smallest: `Smallest ${object}`,
    largest: `Largest ${object}`,
  }[kind];
}

export function areaItem(area: Area, parts: AreaItemParts): AreaItem {
  const { onChoose, onDelete } = parts;
  const legend = el('legend');
  const note = el('span', { class: 'rate' });
  const buttons = [
    el('button', { type: 'button', onclick: onChoose }, 'Edit'),
    el('button', { type: 'button', onclick: onDelete }, 'Delete'),
  ];
  const fields = [...fieldsOf(area, parts), ...(isLimit(area) ? [note] : []), ...buttons];
  return {
    element: el('li', {}, el('fieldset', { class: 'row', onfocusin: onChoose }, legend, ...fields)),
    update(now, number, size) {
      const title = titleOfArea(now, number);
      setText(legend, title);
      for (const button of buttons) setAttributes(button, { 'aria-label': `${button.textContent} ${title}` });
      if (isLimit(now)) setText(note, sizeWords(now, size));
    },
  };
}

function fieldsOf(area: Area, parts: AreaItemParts): HTMLElement[] {
  switch (area.kind) {
    case 'zone':
      return [...zoneFields(area, parts), labelsField(area, parts)];
    case 'mask':
      return [labelsField(area, parts)];
    case 'privacy':
      return [];
    default:
      return limitFields(area, parts);
  }
}

/** A field whose value is refused where it has a problem. */
function checked(
  name: string,
  input: HTMLInputElement | HTMLSelectElement,
  problemOf: (value: string) => string | undefined,
  onValue: (value: string) => void,
): HTMLElement[] {
  const problem = el('span', { class: 'problem', id: newId(), role: 'alert' });
  setAttributes(input, { 'aria-describedby': problem.id });
  input.onchange = () => {
    const wrong = problemOf(input.value);
    setText(problem, wrong ?? '');
    if (wrong === undefined) onValue(input.value);
  };
  return [labelled(name, input), problem];
}

function zoneFields({ name, dwell }: Area, { others, onChange }: AreaItemParts): HTMLElement[] {
  const names = () =>
    others()
      .filter(({ kind }) => kind === 'zone')
      .map((other) => other.name);
  const seconds = el('input', { type: 'number', min: 0, max: 3600, step: 0.5, value: dwell });
  seconds.onchange = () => {
    if (seconds.validity.valid) onChange({ dwell: seconds.valueAsNumber || 0 });
  };
  return [
    ...checked(
      'Name',
      el('input', { value: name }),
      (value) => nameProblem(value, names()),
      (value) => onChange({ name: value }),
    ),
    labelled('Seconds it must stay', seconds),
  ];
}

function labelsField({ kind, labels: chosen }: Area, { labels, onChange }: AreaItemParts): HTMLElement {
  const all = kind === 'mask' ? ['motion', ...labels] : labels;
  const only = el(
    'select',
    { multiple: true, size: 3 },
    ...all.map((label) => el('option', { selected: chosen.includes(label) }, label)),
  );
  only.onchange = () => onChange({ labels: [...only.selectedOptions].map(({ value }) => value) });
  return labelled('Labels (none: all)', only);
}

function limitFields(
  { kind, labels: [chosen] }: Area,
  { labels, others, onChange }: AreaItemParts,
): HTMLElement[] {
  const options = ['*', ...labels].map((label) =>
    el('option', { value: label, selected: label === chosen }, label === '*' ? 'all others' : label),
  );
  const taken = (label: string) => others().some((other) => other.kind === kind && other.labels[0] === label);
  return checked(
    'Label',
    el('select', {}, ...options),
    (label) => (taken(label) ? 'There is such a limit for this label already.' : undefined),
    (label) => onChange({ labels: [label] }),
  );
}

function sizeWords(area: Area, { width, height }: Size): string {
  const [from, to] = area.corners;
  if (from === undefined || to === undefined) return '';
  const side = (a: number, b: number, pixels: number) => Math.round(Math.abs(a - b) * pixels);
  const pixels = `${side(from.x, to.x, width)} x ${side(from.y, to.y, height)} pixels`;
  return `${(shareOf(area) * 100).toFixed(2)} % of the picture: ${pixels}`;
}
