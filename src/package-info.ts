/** Where this package lies and which version it is, for source checkouts and installed packages alike. */
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of package.json: the parent of dist/ as of src/. */
export const PACKAGE_ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A photograph of a person, to try models on. */
export const PHOTO = `${PACKAGE_ROOT}assets/doctor/photo.jpg`;

/** A clip for what needs moving pictures and no camera: H.264, 640 x 360 at 15 frames a second, as a sub stream is. */
export const FOOTAGE = `${PACKAGE_ROOT}assets/demo/footage.mp4`;

const { version, homepage } = JSON.parse(readFileSync(`${PACKAGE_ROOT}package.json`, 'utf8'));

export const VERSION: string = version;

/** Where the project is found on the web. */
export const HOMEPAGE: string = homepage;

/** When this program was put on this machine, by its clock of then. */
export const INSTALLED_AT: Date = statSync(fileURLToPath(import.meta.url)).mtime;
