/** The target `manifest`: damaged manifests are read or refused, in the process. */
import { readFileSync } from 'node:fs';
import { GhostcamError } from '../../src/errors.js';
import { parseManifest } from '../../src/model/manifest-schema.js';
import { mutateJson } from './json.js';
import type { Target } from './target.js';

/** Nobody reads more. */
const MAX_MESSAGE = 20_000;
const DECODED = { kind: 'decoded', output: 'output0' };

export function manifestTarget(): Target {
  return {
    name: 'manifest',
    limitMs: 2000,
    seeds() {
      const shipped = readFileSync('models/yolov8n-ghostnetv2.json', 'utf8');
      const few = { ...JSON.parse(shipped), labels: ['person', 'car'], metrics: {} };
      return [shipped, JSON.stringify(few), JSON.stringify({ ...few, head: DECODED })];
    },
    mutate: mutateJson,
    run(input) {
      try {
        const { head, precision } = parseManifest(input, 'mine.json');
        return `${head.kind} ${precision}`;
      } catch (error) {
        if (!(error instanceof GhostcamError) || error.code !== 'MODEL') throw error;
        const { message, remedy } = error;
        if (remedy === undefined) throw new Error('no remedy');
        if (message.length > MAX_MESSAGE) throw new Error('a message that is too long');
        return message.split('\n').map((line) => line.replace(/received .*|".*?"|[0-9]+/g, '').slice(0, 70));
      }
    },
  };
}
