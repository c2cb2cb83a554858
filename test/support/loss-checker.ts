import type { GapRecord } from '../../src/domain/gap/gap.ts';

/** A tick that was published. */
export interface PublishedTick {
  readonly payload: string;
  /** Event time, epoch milliseconds. */
  readonly ts: number;
}

/**
 * What is wrong with a symbol's topic, a line each: a tick that is in no open gap and not in the topic, one that is there twice or too
 * early or late, one that nobody published. `records`: the payloads of the topic, in order; `gaps`: the newest record of each gap.
 */
export function losses(
  symbol: string,
  published: readonly PublishedTick[],
  records: readonly string[],
  gaps: readonly GapRecord[],
): string[] {
  const places = new Map<string, number[]>();
  published.forEach(({ payload }, i) => {
    const known = places.get(payload);
    if (known === undefined) places.set(payload, [i]);
    else known.push(i);
  });
  const faults: string[] = [];
  const missing: number[] = [];
  let next = 0;
  for (const payload of records) {
    const known = places.get(payload);
    const at = known?.find((place) => place >= next);
    if (known === undefined) faults.push(`${symbol}: nobody published ${payload}`);
    else if (at === undefined) faults.push(`${symbol}: twice, or out of its order: ${payload}`);
    else {
      for (let i = next; i < at; i += 1) missing.push(i);
      next = at + 1;
    }
  }
  for (let i = next; i < published.length; i += 1) missing.push(i);
  const open = gaps.filter(({ status, symbols }) => status === 'open' && symbols[symbol] !== undefined);
  for (const i of missing) {
    const { ts, payload } = published[i]!;
    const told = open.some(({ symbols }) => {
      const { after, before } = symbols[symbol]!;
      return (after === null || ts >= after) && (before === null || ts <= before);
    });
    if (!told) faults.push(`${symbol}: lost silently: ${payload}`);
  }
  return faults;
}
