/** What `work` gives, or `otherwise` as soon as `signal` aborts; what comes of it after that nobody hears. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, otherwise: T): Promise<T> {
  const aborted = Promise.withResolvers<T>();
  const abort = (): void => aborted.resolve(otherwise);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
    work.catch(() => undefined);
  }
}
