/** The target `import`: damaged ONNX files are described or refused, in the process. */
import { GhostcamError } from '../../src/errors.js';
import { describeModel } from '../../src/import/describe.js';
import { parseManifest } from '../../src/model/manifest-schema.js';
import { constant, field, headerModel, node } from '../support/onnx.js';
import { mutateBytes } from './bytes.js';
import type { Target } from './target.js';

const IMAGES = { name: 'images', shape: [1, 3, 64, 64] };
const METADATA = { names: `{0: 'hen', 1: "driver's seat"}`, task: 'detect', description: 'YOLO' };
const TWO_LEVELS = [8, 16].flatMap((stride) => [
  { name: `box${stride}`, shape: [1, 16, 64 / stride, 64 / stride] },
  { name: `cls${stride}`, shape: [1, 2, 64 / stride, 64 / stride] },
]);
/** A node with a tensor and a graph inside, whose own node has them too. */
const NESTED = node(
  'If',
  ['images'],
  'unused',
  field(5, field(5, constant({ name: 'c', shape: [1] }, Float32Array.of(1)))),
  field(5, field(6, node('Constant', [], 'd'))),
);

export function importTarget(): Target {
  return {
    name: 'import',
    limitMs: 2000,
    seeds: () =>
      [
        [{ name: 'output0', shape: [1, 6, 84] }],
        [{ name: 'output0', shape: [1, 252, 7] }],
        [{ name: 'output0', shape: [1, 300, 6] }],
        TWO_LEVELS,
      ].map((outputs) =>
        // One character for each byte.
        headerModel([IMAGES], outputs, { metadata: METADATA, graph: [NESTED] }).toString('latin1'),
      ),
    mutate: mutateBytes,
    run(input) {
      try {
        const manifest = describeModel('mine.onnx', Buffer.from(input, 'latin1'), {});
        parseManifest(JSON.stringify(manifest), 'mine.json');
        return `${manifest.head.kind} ${manifest.precision}`;
      } catch (error) {
        if (!(error instanceof GhostcamError) || error.code !== 'MODEL') throw error;
        const { message, remedy } = error;
        // A manifest's mistakes are lines.
        if (/(?!\n)\p{Cc}/u.test(message))
          throw new Error(`a control character is shown: ${JSON.stringify(message)}`);
        if (remedy === undefined) throw new Error(`no remedy: ${message}`);
        if (message.length > 2000) throw new Error(`a message of ${message.length} characters`);
        return message.replace(/"(?:[^"\\]|\\.)*"|[0-9]+|\[.*?\]/g, '').slice(0, 70);
      }
    },
  };
}
