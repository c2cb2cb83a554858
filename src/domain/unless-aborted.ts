/** What `work` gives, or false as soon as `signal` aborts; what comes of it after that nobody hears. */
export async function unlessAborted(work: Promise<boolean>, signal: AbortSignal): Promise<boolean> {
  const aborted = Promise.withResolvers<false>();
  const abort = (): void => aborted.resolve(false);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
    work.catch(() => undefined);
  }
}
