/** Returns the text without credentials. */
export type Redact = (text: string) => string;

const mask = '***';
/** `scheme://user:password@` of any address, also of one that the camera redirects to. */
const userinfo = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#'"]*@/gi;
/** Answers to RTSP and HTTP authentication. */
const authorization = /(\b(?:proxy-)?authorization:\s*)[^\r\n]*/gi;
/** `password=…`, `token=…` and their kin in a query, or in the path as DVRs of Xiongmai's make have them. */
const keyed = /(\b|_)((?:pass(?:word|wd)?|pwd|secret|token|auth|api_?key|key|sig(?:nature)?)=)[^&\s;/_'"]+/gi;

/**
 * A redactor for everything that concerns one camera: its URL's password, raw and percent-decoded, its query values, and
 * whatever looks like a credential.
 */
export function redactorFor(url: string): Redact {
  const secrets = secretsOf(url);
  return (text) => {
    let clean = text;
    // First by value: a password that holds '/' or '@' would end the pattern below too early.
    for (const secret of secrets) clean = clean.replaceAll(secret, mask);
    return clean
      .replace(userinfo, `$1${mask}@`)
      .replace(authorization, `$1${mask}`)
      .replace(keyed, `$1$2${mask}`);
  };
}

/** The longest first, so that no secret is broken by one that it contains. */
function secretsOf(url: string): string[] {
  const found = new Set<string>();
  const rest = /^[a-z][a-z0-9+.-]*:\/\/(.*)$/i.exec(url)?.[1];
  if (rest === undefined) return [];
  const at = rest.lastIndexOf('@', endOfAuthority(rest));
  if (at !== -1) {
    const credentials = rest.slice(0, at);
    const colon = credentials.indexOf(':');
    const parts = colon === -1 ? [credentials] : [credentials, credentials.slice(colon + 1)];
    for (const part of parts) addForms(found, part);
  }
  const query = /\?([^#]*)/.exec(rest)?.[1] ?? '';
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    // Short values are channel numbers and switches; hiding each '1' in a message would hide the message.
    if (equals !== -1 && pair.length - equals > 4) addForms(found, pair.slice(equals + 1));
  }
  found.delete('');
  return [...found].sort((a, b) => b.length - a.length);
}

/** Where userinfo can end at the latest: an unescaped '/' in a password is a mistake that people make. */
function endOfAuthority(rest: string): number {
  const query = rest.indexOf('?');
  return query === -1 ? rest.length : query;
}

function addForms(found: Set<string>, raw: string): void {
  found.add(raw);
  try {
    found.add(decodeURIComponent(raw));
  } catch {
    // Not percent-encoded: only the raw form exists.
  }
}
