import { readFile } from 'node:fs/promises';
import { fileReason } from '../../adapters/file-reason.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import { type StrategyPayload, strategyPayload } from '../../domain/trade/strategy-payload.ts';

/** The payloads of a file with one in each line; empty lines are passed over. Rejects with `guidance.payloads` where it holds none, or a bad line, which it names. */
export async function readPayloads(path: string): Promise<StrategyPayload[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new PulseError('guidance.payloads', { path, reason: fileReason(cause) }, { cause });
  });
  const payloads = text
    .split('\n')
    .flatMap((line, i) => (line.trim() === '' ? [] : [payloadOf(line, `line ${i + 1}`, path)]));
  if (payloads.length === 0) throw new PulseError('guidance.payloads', { path, reason: 'it holds none' });
  return payloads;
}

function payloadOf(line: string, where: string, path: string): StrategyPayload {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new PulseError('guidance.payloads', { path, reason: `${where} is no JSON` }, { cause });
  }
  const read = strategyPayload.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new PulseError('guidance.payloads', {
    path,
    reason: `${where}: ${issue!.path.join('.') || 'the payload'}: ${issue!.message}`,
  });
}
