/** Credentials never leave the process in text: what is shown of a URL, and how a text is cleared of known secrets. */

const HIDDEN = '***';
/** Query or path parameters in which camera makers put credentials, e.g. `/user=admin&password=x&channel=1`. */
const SECRET_PARAMETER =
  /\b(user(?:name)?|usr|login|pass(?:word|wd)?|pwd|token|key|auth|secret)=[^&/?#\s]*/gi;

/**
 * A URL fit for logs: user, password and credential-like parameters are replaced by `***`. Text that is not a
 * URL with an authority (a file path, a test source) is returned with its parameters hidden only.
 */
export function redactUrl(url: string): string {
  // Not `new URL`: what people type ("p@ss#word" unescaped) must be hidden even where it is no valid URL.
  const authority = /^([a-z][a-z0-9+.-]*:\/\/)(?:.*@)?(.*)$/is.exec(url);
  const shown = authority ? `${authority[1]}${hasUserInfo(url) ? `${HIDDEN}@` : ''}${authority[2]}` : url;
  return shown.replace(SECRET_PARAMETER, `$1=${HIDDEN}`);
}

function hasUserInfo(url: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/.*@/is.test(url);
}

/** Every literal that must not appear in text when this URL is in use: user and password, raw and percent-decoded. */
export function secretsOfUrl(url: string): string[] {
  const secrets = new Set<string>();
  const add = (text: string | undefined) => {
    if (!text) return;
    secrets.add(text);
    try {
      secrets.add(decodeURIComponent(text));
    } catch {
      // A stray '%' in a password: the raw form is all there is.
    }
  };
  const userInfo = /^[a-z][a-z0-9+.-]*:\/\/(.*)@/is.exec(url)?.[1];
  if (userInfo !== undefined) {
    const colon = userInfo.indexOf(':');
    add(userInfo);
    if (colon >= 0) add(userInfo.slice(colon + 1));
  }
  for (const match of url.matchAll(SECRET_PARAMETER)) add(match[0].slice(match[0].indexOf('=') + 1));
  return [...secrets];
}

/** Replaces each secret in `text`, which may hold JSON, by `***`, the longest first, and hides the credentials of any URL. */
export function redactText(text: string, secrets: readonly string[]): string {
  let shown = text;
  const forms = new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]));
  for (const secret of [...forms].sort((a, b) => b.length - a.length)) {
    // One or two characters would blank half of the text and protect nothing.
    if (secret.length > 2) shown = shown.replaceAll(secret, HIDDEN);
  }
  return shown.replace(/[a-z][a-z0-9+.-]*:\/\/[^\s'"]+/gi, (url) => redactUrl(url));
}
