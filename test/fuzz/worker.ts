/**
 * One target in a process of its own: `node worker.js TARGET SEED SECONDS CORPUS CURRENT`, or `node worker.js TARGET FILE` for
 * one input. It writes each input to the file CURRENT before it runs it, so that a crash or a hang has its input.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fromBytes, fuzz } from './fuzz.js';
import { TARGETS } from './targets.js';

const [name = '', ...rest] = process.argv.slice(2);
const target = TARGETS[name]?.();
if (target === undefined) throw new Error(`there is no target ${name}`);
try {
  if (rest.length === 1) {
    console.log(await target.run(fromBytes(readFileSync(rest[0] ?? '', 'latin1'))));
  } else {
    const [seed, seconds, corpus = '', current = ''] = rest;
    const result = await fuzz(target, {
      seed: Number(seed),
      until: performance.now() + 1000 * Number(seconds),
      corpus,
      onInput: (input) => writeFileSync(current, Buffer.from(input, 'utf16le')),
    });
    process.send?.(result);
  }
} finally {
  target.dispose?.();
}
