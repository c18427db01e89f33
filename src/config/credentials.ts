/** Puts user names and passwords that have settings of their own together with those of addresses. */
import type { Mistake } from './mistake.js';
import type { EffectiveValue } from './source.js';

export interface Credentials {
  username: string | undefined;
  password: string | undefined;
}

/** The settings that concern one connection, as they took effect. */
export interface CredentialSettings {
  URL: EffectiveValue;
  USERNAME: EffectiveValue;
  PASSWORD: EffectiveValue;
}

/**
 * What the address says, and the settings where it says nothing.
 * @param given The values of USERNAME and PASSWORD.
 */
export function mergeCredentials(inAddress: Credentials, given: Credentials): Credentials {
  return {
    username: inAddress.username ?? given.username,
    password: inAddress.password ?? given.password,
  };
}

/**
 * A setting beside another value in the address, unless the address is the camera's own and the setting a default of all
 * cameras; and a password without a user name.
 */
export function credentialMistakes(
  inAddress: Credentials,
  given: Credentials,
  { URL, USERNAME, PASSWORD }: CredentialSettings,
): Mistake[] {
  const mistakes: Mistake[] = [];
  const compare = (
    setting: EffectiveValue,
    own: string | undefined,
    value: string | undefined,
    what: string,
  ) => {
    if (own === undefined || value === undefined || own === value || isDefaultFor(setting, URL)) return;
    mistakes.push({
      variable: setting.name,
      origin: setting.origin,
      problem: `${URL.name} holds another ${what}`,
      expected: 'only one of the two',
    });
  };
  compare(USERNAME, inAddress.username, given.username, 'user name');
  compare(PASSWORD, inAddress.password, given.password, 'password');
  const { username, password } = mergeCredentials(inAddress, given);
  // What is refused is set, and reported for itself.
  if (password !== undefined && username === undefined && !USERNAME.refused && !URL.refused) {
    const { name } = PASSWORD;
    mistakes.push({
      variable: name,
      problem: `set without ${name.replace(/PASSWORD$/, 'USERNAME')}`,
      expected: 'both or neither',
    });
  }
  return mistakes;
}

/** Whether the setting is a default of all cameras and the address that of one: CAMERA_PASSWORD, CAMERA_FRONT_URL. */
function isDefaultFor(setting: EffectiveValue, url: EffectiveValue): boolean {
  return scope(setting).length < scope(url).length;
}

/** `CAMERA_FRONT_URL` -> `CAMERA_FRONT`. */
function scope({ name }: EffectiveValue): string {
  return name.replace(/_[A-Z]+$/, '');
}
