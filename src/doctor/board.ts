/** Heat, power and clock of the board. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Clock } from '../clock.js';
import { type KernelFolders, readBoard } from '../observe/board.js';
import { type Finding, failure, ok, warning } from './finding.js';

/** Degrees Celsius from which processors of small boards slow down (a Raspberry Pi at 80 to 85). */
const HOT = 80;

/** Bits of a Raspberry Pi's `get_throttled`: now, and since it was switched on. */
const THROTTLE_BITS: readonly [bit: number, what: string, remedy: string][] = [
  [0, 'the supply voltage is too low now', 'use the official power supply and a short cable'],
  [2, 'the processor is slowed down now', 'improve cooling or power'],
  [3, 'the processor is at its temperature limit now', 'add a heat sink or a fan'],
  [16, 'the supply voltage has been too low since the start', 'use the official power supply'],
  [18, 'the processor has been slowed down since the start', 'improve cooling or power'],
];

/** No finding where the kernel says nothing of heat and voltage. */
export async function examineHeat(kernel?: KernelFolders): Promise<Finding[]> {
  const { temperatureC, throttled } = await readBoard(kernel);
  const findings: Finding[] = [];
  if (temperatureC !== undefined) {
    const message = `${temperatureC.toFixed(0)} °C`;
    findings.push(
      temperatureC >= HOT
        ? warning('temperature', `${message}: the processor slows down`, 'add a heat sink or a fan')
        : ok('temperature', message),
    );
  }
  if (throttled !== undefined) findings.push(examineThrottling(throttled));
  return findings;
}

function examineThrottling(flags: number): Finding {
  const found = THROTTLE_BITS.filter(([bit]) => (flags >> bit) & 1);
  const [first] = found;
  if (first === undefined) return ok('power', 'never throttled since the start');
  return warning('power', found.map(([, what]) => what).join('; '), first[2]);
}

/** Messages carry times, and TLS certificates are checked against the clock. @param installedAt When ghostcam was installed. */
export async function examineClock(installedAt: Date, clock: Pick<Clock, 'wallTime'>): Promise<Finding> {
  const now = new Date(clock.wallTime());
  const shown = now.toISOString();
  if (now < installedAt) {
    return failure(
      'clock',
      `${shown} is before ghostcam was installed`,
      'set the clock, or let it be set: sudo timedatectl set-ntp true',
    );
  }
  const synchronised = await promisify(execFile)('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'])
    .then(({ stdout }) => stdout.trim())
    .catch(() => undefined); // no systemd here, as in a container, whose host keeps the clock
  if (synchronised === 'no') {
    return warning('clock', `${shown}, not synchronised`, 'sudo timedatectl set-ntp true');
  }
  return ok('clock', synchronised === 'yes' ? `${shown}, synchronised` : shown);
}
