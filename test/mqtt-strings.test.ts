import { expect, test } from 'vitest';
import { isTopicLevel, isTopicName } from '../src/mqtt-strings.js';

test.each([
  'a',
  'ghostcam/board/front/state',
  'Küche',
  '人',
  '😀',
  '$SYS',
  'with space',
  'x'.repeat(65_535),
  '…'.repeat(21_845),
])('allowed: %#', (text) => expect(isTopicName(text)).toBe(true));

test.each([
  ['nothing', ''],
  ['a wildcard', 'a/+/b'],
  ['another wildcard', 'a/#'],
  ['NUL', 'a\u0000b'],
  ['a control character', 'a\u0007b'],
  ['a line break', 'a\nb'],
  ['DEL', 'a\u007fb'],
  ['a control character of C1', 'a\u0085b'],
  ['a noncharacter', 'a\ufffe'],
  ['a noncharacter of another plane', 'a\u{1ffff}'],
  ['a noncharacter inside a block', 'a\ufdd0'],
  ['the first half of a surrogate pair', 'a\ud83d'],
  ['the second half of a surrogate pair', '\udc00a'],
  ['more letters than a length has room for', 'x'.repeat(65_536)],
  ['more bytes than a length has room for', '…'.repeat(21_846)],
])('forbidden: %s', (_, text) => expect([isTopicName(text), isTopicLevel(text)]).toEqual([false, false]));

test('a level has no separator', () => {
  expect([isTopicName('a/b'), isTopicLevel('a/b'), isTopicLevel('ab')]).toEqual([true, false, true]);
});
