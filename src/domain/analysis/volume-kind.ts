/** What stands for the volume of a bar: what its ticks traded, or their number where they carry none, as is usual for currencies. */
export type VolumeKind = 'traded' | 'ticks';

/** As plain JSON. */
export interface VolumeState {
  readonly kind: VolumeKind;
  /** Start of the newest session, epoch milliseconds; null before the first. */
  readonly session: number | null;
  /** Bars of that session so far, and how many of them had a volume. */
  readonly bars: number;
  readonly traded: number;
}

/**
 * The kind of volume after one bar more. It holds for a whole session, so that lots and counts of ticks are never summed: `traded` where at
 * least half of the bars of the session before had a volume. The first session follows its first bar. A bar outside of sessions
 * (`session` null) keeps the kind and says nothing for the next; of those before the first session the first decides.
 */
export function volumeKindAfter(state: VolumeState | null, hasVolume: boolean, session: number | null): VolumeState {
  const own: VolumeKind = hasVolume ? 'traded' : 'ticks';
  if (session === null) return state ?? { kind: own, session: null, bars: 0, traded: 0 };
  if (session === state?.session) return { ...state, bars: state.bars + 1, traded: state.traded + (hasVolume ? 1 : 0) };
  const before: VolumeKind | null =
    state && state.bars > 0 ? (2 * state.traded >= state.bars ? 'traded' : 'ticks') : null;
  return { kind: before ?? own, session, bars: 1, traded: hasVolume ? 1 : 0 };
}
