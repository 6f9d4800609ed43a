export class TookTooLongError extends Error {
  override readonly name = "TookTooLongError";
}

/** What the work answers, or a `TookTooLongError` after this time. The work itself goes on: its owner must bar it from doing more. */
export async function withinTime<T>(work: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new TookTooLongError(`${what} took longer than ${timeoutMs} ms and was given up.`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
