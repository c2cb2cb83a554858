import type { Evidence } from './evidence.ts';
import type { Verdict } from './verdict.ts';

/** More than these symbols are not kept. */
const MOST = 3;
const LONGEST = 20_000;

/** Of the first symbols with a fault the whole tape: what was published, and what stands in Kafka, for whoever looks for the cause. */
export function tapesOf({ published, ticks }: Evidence, { faults }: Verdict): object[] {
  const symbols = [...new Set(faults.map(({ where }) => where.split(' ')[0]!))];
  return symbols
    .filter((symbol) => published.some((tick) => tick.symbol === symbol))
    .slice(0, MOST)
    .map((symbol) => ({
      symbol,
      published: published
        .filter((tick) => tick.symbol === symbol)
        .slice(0, LONGEST)
        .map(
          ({ payload, sentAt, answeredAt, unsure }) => `${sentAt} ${answeredAt}${unsure ? ' unsure' : ''} ${payload}`,
        ),
      records: ticks
        .filter(({ topic }) => topic === `ticks.${symbol}`)
        .slice(0, LONGEST)
        .map(
          ({ offset, timestamp, headers: { instance, seq, epoch, follows }, value }) =>
            `${offset} ${timestamp} ${instance} ${seq} ${epoch}${follows === undefined ? '' : ` follows ${follows}`} ${value}`,
        ),
    }));
}
