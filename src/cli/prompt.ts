/** Questions at the terminal. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Whether somebody can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks at the terminal, on standard error, so that standard output holds results only. Resolves with '' at the end of input.
 * @param hidden True: what is typed is not shown.
 */
export function askUser(question: string, { hidden = false } = {}): Promise<string> {
  const echo = new Writable({
    write: (chunk, _encoding, done) => {
      if (!hidden) process.stderr.write(chunk);
      done();
    },
  });
  // Before the question: from now on the terminal itself shows nothing of what is typed.
  const prompt = createInterface({ input: process.stdin, output: echo, terminal: true });
  process.stderr.write(question);
  return new Promise((resolve) => {
    let answer = '';
    prompt.once('SIGINT', () => {
      prompt.close();
      process.stderr.write('\n');
      // Raw mode takes Ctrl-C from the terminal, which would have sent this signal.
      process.kill(process.pid, 'SIGINT');
    });
    prompt.once('line', (line) => {
      answer = line;
      prompt.close();
    });
    prompt.once('close', () => {
      if (hidden) process.stderr.write('\n');
      resolve(answer);
    });
  });
}
