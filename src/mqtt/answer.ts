/** Answers that commands wait for: some brokers never give them. */
import { setTimeout as sleep } from 'node:timers/promises';

const ANSWER_MS = 10_000;

/** The broker has not answered in time; the message says what. */
export class Unanswered extends Error {}

/** Rejects as the answer does, or with Unanswered. @param what Was sent to the broker. */
export async function answered(answer: Promise<void>, what: string): Promise<void> {
  const over = new AbortController();
  const late = sleep(ANSWER_MS, undefined, { signal: over.signal }).then(() => {
    throw new Unanswered(
      `it accepts the connection, but does not answer ${what} within ${ANSWER_MS / 1000} s; see its log`,
    );
  });
  late.catch(() => {});
  try {
    await Promise.race([answer, late]);
  } finally {
    over.abort();
  }
}
