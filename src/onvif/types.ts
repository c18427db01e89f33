/** What ONVIF says of cameras. */

/** Where a device answers ONVIF requests. */
export interface DeviceAddress {
  host: string;
  port: number;
  /** Of the device service, such as `/onvif/device_service`. */
  path: string;
  secure: boolean;
}

export interface FoundDevice extends DeviceAddress {
  /** From the scopes of its answer; undefined: it says none. */
  name: string | undefined;
}

export interface Login {
  username: string;
  password: string;
}

/** One media profile of a device. */
export interface Stream {
  name: string;
  /** As the device gives it; its host may be one that the device has elsewhere. */
  url: string;
  /** 0 where the device does not say. */
  width: number;
  height: number;
  codec: string;
  /** Frames a second, at most; 0 where the device does not say. */
  fps: number;
}

export interface DeviceFacts {
  maker: string;
  model: string;
  streams: Stream[];
}
