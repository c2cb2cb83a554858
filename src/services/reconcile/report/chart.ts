import { MINUTE } from '../../../domain/base/timeframe.ts';
import { levelText } from '../../../domain/instrument/price-text.ts';
import type { Compared } from '../../../domain/parity/parity.ts';
import type { MinuteCloses } from '../../../domain/parity/parity-report.ts';
import { escapeHtml } from './escape.ts';
import { minuteText } from './words.ts';

const WIDTH = 1000;
const HEIGHT = 260;
const STRIP = 14;
const MARGIN = { left: 64, right: 8, top: 8, bottom: 26 };
/** Points of a line: more would not be seen at this width. */
const MOST_POINTS = 2_000;

/** Both sides' closes over a session, with the bars that differ, and a strip that shows where bars agree. */
export function chart({ report, differing, closes }: Compared): string {
  const shown = closes.filter(({ incumbent, candidate }) => incumbent !== null || candidate !== null);
  const prices = shown.flatMap(({ incumbent, candidate }) => [incumbent, candidate]).filter((p) => p !== null);
  if (prices.length === 0) return '';
  const [low, high] = [prices.reduce((a, b) => Math.min(a, b)), prices.reduce((a, b) => Math.max(a, b))];
  const [from, to] = [shown[0]!.start, shown[shown.length - 1]!.start + MINUTE];
  const x = (ts: number): number =>
    round(MARGIN.left + ((ts - from) / (to - from)) * (WIDTH - MARGIN.left - MARGIN.right));
  const floor = HEIGHT - MARGIN.bottom - STRIP - 6;
  const y = (price: number): number =>
    round(high === low ? floor / 2 : MARGIN.top + ((high - price) / (high - low)) * (floor - MARGIN.top));
  const label = `Closes of ${report.symbol} on both sides from ${minuteText(from)} to ${minuteText(to)}: ${report.agreeing} of ${report.expected} bars agree.`;
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(label)}">`,
    ...[high, (high + low) / 2, low].map(
      (price) =>
        `<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(price)}" y2="${y(price)}"/><text class="axis" x="${MARGIN.left - 6}" y="${y(price) + 4}" text-anchor="end">${levelText(price, report.priceIncrement ?? null)}</text>`,
    ),
    `<path class="incumbent" d="${path(shown, 'incumbent', x, y)}"/>`,
    `<path class="candidate" d="${path(shown, 'candidate', x, y)}"/>`,
    ...marks(differing, x, floor),
    strip(differing, x),
    ...timeLabels(from, to, x),
    '</svg>',
  ].join('\n');
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** A line that breaks where minutes are missing. */
function path(
  closes: readonly MinuteCloses[],
  side: 'incumbent' | 'candidate',
  x: (ts: number) => number,
  y: (p: number) => number,
): string {
  const every = Math.ceil(closes.length / MOST_POINTS);
  let last = Number.NaN;
  const steps: string[] = [];
  closes.forEach((minute, i) => {
    const close = minute[side];
    if (close === null || i % every !== 0) return;
    const joined = minute.start - last <= 5 * MINUTE * every;
    steps.push(`${joined ? 'L' : 'M'}${x(minute.start)} ${y(close)}`);
    last = minute.start;
  });
  return steps.join('');
}

function marks(differing: Compared['differing'], x: (ts: number) => number, floor: number): string[] {
  const places = new Map<number, string>();
  for (const { start, cause } of differing)
    if (!places.has(x(start))) places.set(x(start), `${minuteText(start)} ${cause}`);
  return [...places].map(
    ([at, title]) =>
      `<line class="mark" x1="${at}" x2="${at}" y1="${MARGIN.top}" y2="${floor}"><title>${escapeHtml(title)}</title></line>`,
  );
}

/** Green where bars agree, red where they do not; neighbours that differ are drawn as one. */
function strip(differing: Compared['differing'], x: (ts: number) => number): string {
  const top = HEIGHT - MARGIN.bottom - STRIP;
  const base = `<rect class="agree" x="${MARGIN.left}" y="${top}" width="${WIDTH - MARGIN.left - MARGIN.right}" height="${STRIP}"/>`;
  const runs: [number, number][] = [];
  for (const { start } of differing) {
    const last = runs.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = start + MINUTE;
    else runs.push([start, start + MINUTE]);
  }
  const red = runs.map(
    ([a, b]) =>
      `<rect class="differ" x="${x(a)}" y="${top}" width="${Math.max(1.5, round(x(b) - x(a)))}" height="${STRIP}"><title>${minuteText(a)} to ${minuteText(b)}</title></rect>`,
  );
  return [base, ...red].join('');
}

function timeLabels(from: number, to: number, x: (ts: number) => number): string[] {
  return [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const ts = from + share * (to - from);
    const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
    return `<text class="axis" x="${x(ts)}" y="${HEIGHT - 8}" text-anchor="${anchor}">${new Date(ts).toISOString().slice(11, 16)}</text>`;
  });
}
