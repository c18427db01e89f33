/** The clip that the package brings, for commands that need moving pictures and no camera. */
import { PACKAGE_ROOT } from '../package-info.js';

export const SAMPLE_FOOTAGE = `${PACKAGE_ROOT}assets/demo/footage.mp4`;
