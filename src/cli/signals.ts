/** Signals as promises. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** The next signal that asks the program to end; until then it is kept from ending it. */
export function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const settle = (signal: NodeJS.Signals) => {
      for (const name of SIGNALS) process.off(name, settle);
      resolve(signal);
    };
    for (const name of SIGNALS) process.on(name, settle);
  });
}
