/** What a stranger's text may do to a terminal, a log or a reader of lines. */

/**
 * Control characters (C0 and C1), line and paragraph separators, characters that turn the direction of writing, and halves of
 * surrogate pairs.
 */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/gu;

/** The text with a replacement character (U+FFFD) for each of them, and a blank for a tab. */
export function printable(text: string): string {
  return text.replaceAll('\t', ' ').replace(UNPRINTABLE, '\uFFFD');
}
