/** What the board's kernel says of heat, power and memory. */
import { readdir, readFile } from 'node:fs/promises';

/** Where the kernel says it; tests pass folders of their own. */
export interface KernelFolders {
  sys: string;
  proc: string;
}

export interface BoardReadings {
  /** Of the hottest sensor in degrees Celsius; absent where there is none. */
  temperatureC?: number;
  /** Bits of a Raspberry Pi's `get_throttled`; absent on other boards. See {@link isThrottled}. */
  throttled?: number;
  /** Share of the memory that programs use, 0..1; absent where the kernel does not say it. */
  memoryUsed?: number;
}

const KERNEL: KernelFolders = { sys: '/sys', proc: '/proc' };

/** Under-voltage, a capped clock, throttling and the soft limit of the temperature, now; those since the start are higher bits. */
const THROTTLED_NOW = 0b1111;

/** Reads what there is; what cannot be read is left out. Takes a millisecond. */
export async function readBoard({ sys, proc }: KernelFolders = KERNEL): Promise<BoardReadings> {
  const [temperatureC, throttled, memoryUsed] = await Promise.all([
    temperature(sys),
    throttling(sys),
    memory(proc),
  ]);
  return {
    ...(temperatureC === undefined ? {} : { temperatureC }),
    ...(throttled === undefined ? {} : { throttled }),
    ...(memoryUsed === undefined ? {} : { memoryUsed }),
  };
}

/** Whether the board is slowed down, or its supply voltage too low, now. */
export function isThrottled(flags: number): boolean {
  return (flags & THROTTLED_NOW) !== 0;
}

/** https://docs.kernel.org/driver-api/thermal/sysfs-api.html: thousandths of a degree. */
async function temperature(sys: string): Promise<number | undefined> {
  const zones = await readdir(`${sys}/class/thermal`).catch(() => []);
  const texts = await Promise.all(
    zones
      .filter((name) => name.startsWith('thermal_zone'))
      .map((name) => read(`${sys}/class/thermal/${name}/temp`)),
  );
  const degrees = texts.flatMap((text) =>
    text !== undefined && /^-?\d+$/.test(text) ? [Number(text) / 1000] : [],
  );
  return degrees.length === 0 ? undefined : Math.max(...degrees);
}

/** The firmware's word in hexadecimal, as `vcgencmd get_throttled` prints it. */
async function throttling(sys: string): Promise<number | undefined> {
  const text = await read(`${sys}/devices/platform/soc/soc:firmware/get_throttled`);
  return text !== undefined && /^(0x)?[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text, 16) : undefined;
}

/** proc_meminfo(5): what is available to programs counts as unused. */
async function memory(proc: string): Promise<number | undefined> {
  const text = await read(`${proc}/meminfo`);
  const kilobytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text ?? '')?.[1]);
  const used = 1 - kilobytes('MemAvailable') / kilobytes('MemTotal');
  return Number.isFinite(used) ? used : undefined;
}

async function read(path: string): Promise<string | undefined> {
  return (await readFile(path, 'utf8').catch(() => undefined))?.trim();
}
