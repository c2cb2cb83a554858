import type { Clock } from '../../ports/clock.ts';
import type { TickSource } from '../../ports/tick-source.ts';

export interface Progress {
  /** From 0 to 1. */
  readonly share: number;
  readonly ticks: number;
  /** Since the beginning. */
  readonly elapsedMs: number;
}

const BAR = 24;

/** A progress bar as one line: bar, share, ticks, rate, time left. */
export function progressLine({ share, ticks, elapsedMs }: Progress): string {
  const full = Math.round(share * BAR);
  const rate = elapsedMs > 0 ? Math.round((ticks / elapsedMs) * 1000) : 0;
  const left = share > 0 && share < 1 ? `, ${durationText((elapsedMs / share) * (1 - share))} left` : '';
  return `${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${(share * 100).toFixed(0).padStart(3)} %  ${ticks.toLocaleString('en-US')} ticks, ${rate.toLocaleString('en-US')}/s${left}`;
}

function durationText(ms: number): string {
  const s = Math.ceil(ms / 1000);
  if (s < 60) return `${s} s`;
  return s < 3600
    ? `${Math.floor(s / 60)} min ${s % 60} s`
    : `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

const EVERY_MS = 200;

/** Keeps a progress bar on a terminal until `signal` aborts, and then leaves its last state there. Nothing for a source without an end. */
export function showProgress(
  source: TickSource,
  write: (text: string) => void,
  clock: Clock,
  signal: AbortSignal,
): void {
  const begun = clock.monotonic();
  const show = (end: string): void => {
    const { share, counts } = source;
    if (share !== null)
      write(`\r\u001b[2K${progressLine({ share, ticks: counts.ticks, elapsedMs: clock.monotonic() - begun })}${end}`);
  };
  clock.every(EVERY_MS, () => show(''), signal);
  signal.addEventListener('abort', () => show('\n'), { once: true });
}
