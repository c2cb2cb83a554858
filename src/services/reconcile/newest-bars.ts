import type { SideBar } from '../../domain/parity/parity-bar.ts';
import type { ActiveBars } from './active-bars.ts';

/** The newest bar of a symbol where readers take it from, and the other side's of the same minute. */
export interface NewestBar {
  readonly symbol: string;
  readonly bar: SideBar;
  /** Null while it is not there. */
  readonly other: SideBar | null;
}

/** Minutes among which the other side's bar of the same one surely is. */
const DEPTH = 5;

export async function newestBars({ bars, other }: Pick<ActiveBars, 'bars' | 'other'>): Promise<NewestBar[]> {
  const found: NewestBar[] = [];
  for (const symbol of (await bars.symbols()).sort()) {
    const [bar] = await bars.newest(symbol, 1);
    if (bar === undefined) continue;
    const same = (await other.newest(symbol, DEPTH)).find(({ start }) => start === bar.start);
    found.push({ symbol, bar, other: same ?? null });
  }
  return found;
}
