/** Words that are repeated as names of variables: the end of a password that was torn over lines reads as one too. */
import { NODE_VARIABLES } from './table.js';

/** One of ours by its beginning, or words in capitals with `_` between; the end of a password in base64 has none, or small letters. */
const BELONGS = /^CAMERA_\w{1,99}$|^[A-Z]{2,50}(?:_[A-Z0-9]{1,50}){1,8}$/;

/** Whether the word is the name of a variable, known or not, rather than anything else. */
export function isLikelyName(word: string): boolean {
  return word in NODE_VARIABLES || BELONGS.test(word);
}
