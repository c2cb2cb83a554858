/** What a detector sees of a settled bar. */
export interface PriceBar {
  /** Epoch milliseconds, UTC. */
  readonly start: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Traded volume; the number of ticks in sessions of an instrument whose ticks carry none, as is usual for currencies. */
  readonly volume: number;
}

/**
 * A reading of a chart, bar by bar. Pure: what it reads after a bar depends on the bars up to it and nothing else, so that nothing
 * is ever repainted, and a batch is nothing but a fold of `next`.
 *
 * A state is plain JSON (finite numbers other than -0, text, booleans, null, arrays, objects): what `JSON.parse(JSON.stringify(state))`
 * gives back goes on exactly as the original would. `next` changes nothing that it was given.
 */
export interface Detector<State, Reading> {
  /** Before the first bar. */
  start(): State;
  /** After one bar more. Bars come in order of `start`. */
  next(state: State, bar: PriceBar): State;
  /** What stands after the last bar; null, or fields that are null, while there are too few bars to tell. */
  read(state: State): Reading;
}

/** The readings after each of `bars`. */
// for-tests: code reads bar by bar
export function readings<State, Reading>(detector: Detector<State, Reading>, bars: readonly PriceBar[]): Reading[] {
  let state = detector.start();
  return bars.map((bar) => {
    state = detector.next(state, bar);
    return detector.read(state);
  });
}
