/** Values of command line options, checked by the same parsers as those of variables. */
import { InvalidArgumentError } from 'commander';
import { file, integer, number, type Parser, Unexpected } from '../config/values.js';

function argument<T>(parser: Parser<T>): (text: string) => T {
  return (text) => {
    try {
      return parser(text);
    } catch (error) {
      if (error instanceof Unexpected) throw new InvalidArgumentError(`Expected ${error.expected}.`);
      throw error;
    }
  };
}

export const score = argument(number(0, 1));
export const seconds = argument(number(1, 86_400));
export const threads = argument(integer(1, 64));
export const videoFile = argument(file);
export const count = argument(integer(1, 1_000_000));
