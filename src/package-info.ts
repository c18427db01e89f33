/** Where this package lies and which version it is, for source checkouts and installed packages alike. */
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of package.json: the parent of dist/ as of src/. */
export const PACKAGE_ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A photograph of a person, to try models on. */
export const PHOTO = `${PACKAGE_ROOT}assets/doctor/photo.jpg`;

const { version, homepage } = JSON.parse(readFileSync(`${PACKAGE_ROOT}package.json`, 'utf8'));

export const VERSION: string = version;

/** Where the project is found on the web. */
export const HOMEPAGE: string = homepage;

/** When this program was put on this machine, by its clock of then. */
export const INSTALLED_AT: Date = statSync(fileURLToPath(import.meta.url)).mtime;
