/** Waits that can be cut short. */

const LONGEST_MS = 30_000;

/** How long to wait after so many attempts: a random time, so that not everybody comes back at once. */
export function patienceAfter(attempts: number): number {
  return Math.min(LONGEST_MS, 500 * 2 ** attempts) * (0.5 + Math.random() / 2);
}

/** Waits, and lets somebody end all these waits early. */
export function createAlarm() {
  const sleeping = new Set<() => void>();
  return {
    /** Nobody ends it early if it is `firm`: the server has said how long to wait. */
    sleep: (ms = LONGEST_MS, firm = false) =>
      new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          sleeping.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, ms);
        if (!firm) sleeping.add(wake);
      }),
    wake: () => {
      for (const wake of sleeping) wake();
    },
  };
}
