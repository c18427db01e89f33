// Prints the commands of README that follow the paragraph in which a word first stands, one after another as they are printed there.
// Usage: node readme.mjs WORD [NUMBER]      (NUMBER: of one command, from 1 on; a here-document belongs to its command)
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const [word, number] = process.argv.slice(2);
const readme = readFileSync(join(dirname(fileURLToPath(import.meta.url)), '../../README.md'), 'utf8');
const block = readme.slice(readme.indexOf(word)).match(/\n\n((?: {4}.*\n)+)/)?.[1];
if (!readme.includes(word) || block === undefined) throw new Error(`README has no commands after ${word}`);

const commands = [];
let end;
for (const line of block.replaceAll(/^ {4}/gm, '').trimEnd().split('\n')) {
  if (end === undefined) commands.push(line);
  else commands[commands.length - 1] += `\n${line}`;
  if (end === undefined) end = line.match(/<<'(\w+)'$/)?.[1];
  else if (line === end) end = undefined;
}
console.log(number === undefined ? commands.length : commands[number - 1]);
