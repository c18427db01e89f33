/** The credentials of an address in every form in which another program may repeat them. */
import { type AddressParts, tokensOfPath } from '../address/address.js';

/** Shorter values of a query are words such as 1 or tcp, and hidden with the query that they are in. */
const MIN_PARAMETER_LENGTH = 4;

/** A password, and user name and password as HTTP's basic authentication sends them (RFC 7617). */
export function secretsOfLogin({
  username,
  password,
}: Pick<AddressParts, 'username' | 'password'>): string[] {
  if (password === undefined || password === '') return [];
  const pair = `${username ?? ''}:${password}`;
  return [...forms(password), ...forms(pair), ...base64(pair), ...base64(password)];
}

/** Those of {@link secretsOfLogin}, the values of the query, whose parameters makers name as they like, and tokens in the path. */
export function secretsOfAddress(address: AddressParts): string[] {
  const values = [...(address.query ?? '').split('&'), ...address.path.split(/[&;/]/)]
    .flatMap((parameter) => /^[^=]*=(.*)$/.exec(parameter)?.[1] ?? [])
    .filter((value) => value.length >= MIN_PARAMETER_LENGTH);
  return [
    ...secretsOfLogin(address),
    ...values.flatMap((value) => [...forms(value), ...forms(decoded(value))]),
    ...(address.host === '' ? [] : tokensOfPath(address.path)),
  ];
}

/** As they are, as JSON, in a URL with either case of %XX or + for a blank, and in HTML. */
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
