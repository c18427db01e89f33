/** The credentials of an address in every form in which another program may repeat them. */
import { type AddressParts, tokensOfPath } from '../address/address.js';

/** Shorter values of a query are words such as 1 or tcp, and hidden with the query that they are in. */
const MIN_PARAMETER_LENGTH = 4;
/** Shorter parameters without a name are such words too: `?live`, `?video`. */
const MIN_NAMELESS_LENGTH = 6;
/** Of a user name that may be a token. */
const MIN_TOKEN_LENGTH = 8;

/** A password, and user name and password as HTTP's basic authentication sends them (RFC 7617). */
export function secretsOfLogin({
  username,
  password,
}: Pick<AddressParts, 'username' | 'password'>): string[] {
  if (password === undefined || password === '') return [];
  const pair = `${username ?? ''}:${password}`;
  return [...forms(password), ...forms(pair), ...base64(pair), ...base64(password)];
}

/** A user name without a password may be all of a credential (tokens of flespi and others): where nobody would guess it. */
export function tokensOfLogin({
  username = '',
  password,
}: Pick<AddressParts, 'username' | 'password'>): string[] {
  if (password || username.length < MIN_TOKEN_LENGTH || !/\d/.test(username) || !/\p{L}/u.test(username))
    return [];
  return [...forms(username), ...base64(`${username}:`)];
}

/**
 * Those of a login, the values of the query, whose parameters makers name and separate as they like, and those of the path, which of a
 * device or a file holds none.
 */
export function secretsOfAddress(address: AddressParts): string[] {
  const { host, path, query = '' } = address;
  const ofPath = host === '' ? '' : path;
  const values = [...parts(query).flatMap(queryValues), ...parts(ofPath).flatMap(namedValues)];
  return [
    ...secretsOfLogin(address),
    ...tokensOfLogin(address),
    ...[...new Set(values)].flatMap((value) => [...forms(value), ...forms(decoded(value))]),
    ...tokensOfPath(ofPath),
  ];
}

/** What separates parameters, as it is and in a URL or HTML. */
const SEPARATOR = /&amp;|[&;,|?/\s]/i;

/** The parameters of a query or path: encoded as they are, and each `%XX` as the character that it stands for. */
function parts(text: string): string[] {
  return [text, decoded(text)].flatMap((form) => form.split(SEPARATOR));
}

/** Of `a=b`, `a:b` and `a:b:c` the values, and of `a=b_c=d` (XM) both. */
function namedValues(parameter: string): string[] {
  const [, ...values] = parameter.split(/[=:]/);
  const all = [/^[^=:]*[=:](.*)$/s.exec(parameter)?.[1] ?? '', ...values];
  const withoutName = values.slice(0, -1).map((value) => value.replace(/_[^_]*$/, ''));
  return [...all, ...withoutName].filter((value) => value.length >= MIN_PARAMETER_LENGTH);
}

/** {@link namedValues}, and what has no name. */
function queryValues(parameter: string): string[] {
  const isNameless = !/[=:]/.test(parameter) && parameter.length >= MIN_NAMELESS_LENGTH;
  return isNameless ? [parameter] : namedValues(parameter);
}

/** As they are, with accents of their own, as UTF-8 that was taken for Latin-1, as JSON, in a URL with either case of %XX or + for a blank, and in HTML. */
function forms(secret: string): string[] {
  const encoded = encodeURIComponent(secret);
  const strictly = encoded.replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const html = secret.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  const named = secret
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
  return [
    ...new Set([
      secret,
      secret.normalize('NFC'),
      secret.normalize('NFD'),
      Buffer.from(secret).toString('latin1'),
      JSON.stringify(secret).slice(1, -1),
      encoded,
      lowerCaseCodes(encoded),
      strictly,
      lowerCaseCodes(strictly),
      encodeURI(secret),
      strictly.replaceAll('%20', '+'),
      html,
      named,
    ]),
  ];
}

function lowerCaseCodes(encoded: string): string {
  return encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
}

/** Without the padding, which may be cut off. */
function base64(text: string): string[] {
  return [Buffer.from(text).toString('base64'), Buffer.from(text).toString('base64url')].map((form) =>
    form.replace(/=+$/, ''),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
