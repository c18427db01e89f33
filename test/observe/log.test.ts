/** What a line of the log looks like. */
import { expect, test } from 'vitest';
import { createLog } from '../../src/observe/log.js';
import { memoryOutput } from '../support/log.js';

function written(message: string, fields?: Record<string, unknown>): string {
  const lines: string[] = [];
  createLog({ level: 'info', output: memoryOutput(lines) }).info(message, fields);
  return lines.join('').replace(/^\[[-\d]{10} [:\d]{8}\.\d{3}\] /, '');
}

test('a sentence, and facts in parentheses, without quotes and braces', () => {
  expect(written('it begins')).toBe('INFO: it begins\n');
  expect(written('it runs', { camera: 'front', threads: 2, nodes: undefined, list: ['a', 1] })).toBe(
    'INFO: it runs (camera front; threads 2; list ["a",1])\n',
  );
  expect(written('it runs', { nodes: undefined })).toBe('INFO: it runs\n');
});

test('an error is shown with its stack below the line', () => {
  const text = written('it failed', { camera: 'front', err: new TypeError('x is undefined') });
  expect(text).toMatch(
    /^INFO: it failed \(camera front\) ?\n {4}err: [\s\S]*TypeError: x is undefined[\s\S]* at /,
  );
});
