import type { CameraConfig } from '../../src/config/types.js';

/** A camera's configuration with what a test does not care about filled in. */
export function cameraConfig(config: Pick<CameraConfig, 'url'> & Partial<CameraConfig>): CameraConfig {
  return {
    name: 'front',
    enabled: true,
    transport: 'tcp',
    fps: 5,
    threshold: undefined,
    labels: undefined,
    filters: [],
    zones: [],
    masks: [],
    motion: undefined,
    snapshot: undefined,
    hwaccel: undefined,
    decoder: undefined,
    stallTimeout: 20,
    ...config,
  };
}
