import { expect, test } from 'vitest';
import { request } from '../../../test/contract/language-model.contract.ts';
import { systemClock } from '../clock/system.ts';
import { generate, type SdkModel } from './generate.ts';

/** A library that does not look at the signal, as some while they read. */
const deaf = { doGenerate: () => new Promise(() => undefined), doStream: () => new Promise(() => undefined) };

test.each([false, true])('a call ends when told to, whatever the library does (streamed: %s)', async (stream) => {
  const target = { provider: 'p', url: 'http://127.0.0.1:9', model: 'm', apiKey: null, stream, clock: systemClock() };
  const end = new AbortController();
  const call = generate(target, () => deaf as unknown as SdkModel, request, end.signal);
  end.abort();
  await expect(call).rejects.toMatchObject({ code: 'model.timeout' });
  const early = generate(target, () => deaf as unknown as SdkModel, request, end.signal);
  await expect(early).rejects.toMatchObject({ code: 'model.timeout' });
});
