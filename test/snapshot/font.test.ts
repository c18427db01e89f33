/** Characters as masks. */
import { expect, test } from 'vitest';
import { Font, type Mask } from '../../src/snapshot/font.js';

const ink = ({ data }: Mask) => data.filter((value) => value > 127).length;

async function line(text: string, size = 20): Promise<Mask> {
  const font = Font.of(size);
  await font.load([text]);
  return font.line(text);
}

test('a text is as wide as its characters, and they are told apart', async () => {
  const font = Font.of(20);
  const [i, w, empty] = [await line('i'), await line('W'), await line(' ')];
  expect([i.width, w.width, empty.width]).toEqual([font.cell, font.cell, font.cell]);
  expect(ink(w)).toBeGreaterThan(ink(i));
  expect(ink(i)).toBeGreaterThan(0);
  expect(ink(empty)).toBe(0);
  const text = await line('iW i');
  expect(text.width).toBe(4 * font.cell);
  expect(text.data.length).toBe(text.width * font.height);
  expect(ink(text)).toBe(2 * ink(i) + ink(w));
});

test('what a label may hold is drawn, and nothing of it is XML', async () => {
  for (const text of ['<&>"\'', 'Fußgänger', '\u{1f697}', '\0\ud800', 'e\u0301', '']) {
    const { width, height, data } = await line(text, 12);
    expect(data.length).toBe(width * height);
  }
  expect((await line('e\u0301')).width).toBe(Font.of(20).cell);
});
