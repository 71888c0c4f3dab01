/** Waits, but not for ever. */

/** Waits for an answer for so long. If it comes later, or never, the result is undefined, or `late` throws. */
export function inTime<Answer>(
  milliseconds: number,
  answer: Answer | PromiseLike<Answer>,
  late?: () => undefined,
): Promise<Answer | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const passed = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve as () => void, milliseconds);
  });
  return Promise.race([answer, passed.then(late)]).finally(() => clearTimeout(timer));
}
