interface Ends {
  tooLarge(): Error;
  brokenOff(error: unknown): void;
}

/** The body, of which no more than `maxBytes` are read, counted after decoding. */
export function boundedBody(
  { body }: Response,
  maxBytes: number,
  { tooLarge, brokenOff }: Ends,
): ReadableStream<Uint8Array> | null {
  if (body === null) return null;
  const reader = body.getReader();
  let bytes = 0;
  // Whoever reads may have had enough while a part was on its way: what the closed stream then says is no fault of the provider.
  let left = false;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        bytes += value.byteLength;
        if (bytes <= maxBytes) return controller.enqueue(value);
      } catch (error) {
        if (left) return;
        brokenOff(error);
        return controller.error(error);
      }
      controller.error(tooLarge());
      await reader.cancel();
    },
    cancel(reason) {
      left = true;
      return reader.cancel(reason);
    },
  });
}

/** Of an error; none is longer. */
const START_BYTES = 16_384;

/** The first bytes of a body as text; '' where it cannot be read. */
export async function startOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  try {
    for (let bytes = 0; bytes < START_BYTES; ) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.byteLength;
      parts.push(value);
    }
    await reader.cancel();
  } catch {
    // The status has come, and that is what counts.
    return '';
  }
  return Buffer.concat(parts).toString('utf8');
}
