/** What MODEL may say: the path of a file, or a shipped family of models with a size and a precision. */
import { extname } from 'node:path';
import { GhostcamError } from '../errors.js';
import type { InputShape, InputSize } from '../frame/input-shape.js';
import type { ModelManifest } from './manifest-schema.js';

/** A model as MODEL names it. */
export interface ModelName {
  /** A path, or a shipped file's name without `.onnx`. */
  file: string;
  isPath: boolean;
  /** Undefined: the manifest's first. */
  size?: number | InputShape;
}

/** The form of an INT8 model whose arithmetic each processor has instructions for: see docs/models.md. */
const INT8_FORMS: Partial<Record<NodeJS.Architecture, string>> = { arm64: 's8s8', x64: 'u8s8' };

/** FAMILY, FAMILY-320, FAMILY-448x256, each of them with -auto, -int8, -int8-u8s8 or -int8-s8s8 behind it. */
const NAME =
  /^(?<family>.+?)(?:-(?<width>\d{1,5})(?:x(?<height>\d{1,5}))?)?(?:-auto|-int8(?:-(?<form>[us]8s8))?(?<int8>))?$/;
const AUTO = '-auto';

/**
 * The models that MODEL lets a start choose from, the most precise first: a name that ends in `-auto` means the float or the INT8 form,
 * whichever is faster here.
 */
export function modelForms(model: string): string[] {
  if (!model.endsWith(AUTO) || isPath(model)) return [model];
  const float = model.slice(0, -AUTO.length);
  return [float, `${float}-int8`];
}

/** Reads MODEL. A name that ends in `-int8` means the form for the processor, one that ends in `-auto` the float form. */
export function parseModelName(model: string, processor: NodeJS.Architecture = process.arch): ModelName {
  if (isPath(model)) return { file: model, isPath: true };
  const { family = model, width, height, form, int8 } = NAME.exec(model)?.groups ?? {};
  const precision = int8 === undefined ? '' : `-int8-${form ?? INT8_FORMS[processor] ?? 'u8s8'}`;
  const named = { file: `${family}${precision}`, isPath: false };
  if (width === undefined) return named;
  const size = height === undefined ? Number(width) : { width: Number(width), height: Number(height) };
  return { ...named, size };
}

function isPath(model: string): boolean {
  return extname(model) === '.onnx' || model.includes('/');
}

/** A family's name with a size of it, as MODEL and people write it: `yolov8n-ghostnetv2-320-int8-u8s8`. */
export function sizedName(name: string, size: number | string): string {
  return name.replace(/(?:-int8(?:-[us]8s8)?)?$/, (precision) => `-${size}${precision}`);
}

/**
 * The input size that a manifest's model has under a name. Throws a MODEL error where the name has a size that the model does not
 * have; `model` is MODEL, for the message.
 */
export function inputSizeOf(
  { input }: Pick<ModelManifest, 'input'>,
  size: ModelName['size'],
  model: string,
): InputSize {
  const { dynamic } = input;
  if (dynamic === undefined) {
    if (size === undefined) return { width: input.width, height: input.height };
    throw new GhostcamError(
      'MODEL',
      `${model}: this model has one size only, ${input.width}x${input.height}`,
      {
        remedy: 'name it without a size',
      },
    );
  }
  const { multiple, sizes } = dynamic;
  if (size === undefined) return { side: sizes[0] as number, multiple };
  const sides = typeof size === 'number' ? [size] : [size.width, size.height];
  if (sides.some((side) => side % multiple !== 0 || side < multiple || side > MAX_SIDE)) {
    throw new GhostcamError('MODEL', `${model}: this model has no such size`, {
      remedy: `sizes are ${sizes.join(', ')}, or WIDTHxHEIGHT for all cameras, such as ${sizes[0]}x${multiple}, in multiples of ${multiple} up to ${MAX_SIDE}`,
    });
  }
  return typeof size === 'number' ? { side: size, multiple } : size;
}

/** Pixels of the longest side of an input, as in the manifest's schema. */
const MAX_SIDE = 4096;
