/** Changes of binary inputs: texts of one character for each byte. */
import { mutateText, pick, type Random } from './target.js';

/** Bytes of a file that change its structure: lengths, tags, numbers without end. */
const BYTES = [
  '\0',
  '\x01',
  '\x7f',
  '\x80',
  '\xff',
  '\x0a',
  '\x0b',
  '\x0c',
  '\x3a',
  '\xff\xff\xff\xff\x0f',
  '\x80'.repeat(10),
];

/** One change of the bytes. */
export function mutateBytes(input: string, random: Random): string {
  return random() < 0.2 ? toBytes(mutateText(input, random)) : damage(input, random);
}

/** Mostly bytes in their places: what changes a length is found to be damaged before anything else. */
function damage(input: string, random: Random): string {
  const at = Math.floor(random() * input.length);
  const replaced = (byte: number) =>
    input.slice(0, at) + String.fromCharCode(byte & 255) + input.slice(at + 1);
  const byte = input.charCodeAt(at);
  switch (Math.floor(random() * 8)) {
    case 0:
      return input.slice(0, at);
    case 1:
      return input.slice(0, at) + pick(BYTES, random) + input.slice(at);
    case 2:
      return input.slice(0, at) + input.slice(at + 1 + Math.floor(random() * 8));
    case 3:
      return replaced(Math.floor(random() * 256));
    case 4:
      return replaced(byte ^ (1 << Math.floor(random() * 8)));
    default:
      return replaced(byte + pick([-2, -1, 1, 2], random));
  }
}

/** Characters that are no bytes become their UTF-8. */
function toBytes(text: string): string {
  return text.replace(/[^\0-\xff]/g, (character) => Buffer.from(character).toString('latin1'));
}
