import { closesAfter, settlesAfter } from '../../domain/bar/bar-options.ts';
import { BAR_STREAMS, NOISE_STREAMS } from '../../domain/bar/bar-topics.ts';
import { defaultGateRule } from '../../domain/parity/gate.ts';
import { candidateSide } from '../../services/reconcile/candidate-side.ts';
import type { GateRules } from '../../services/reconcile/gate-reading.ts';
import { incumbentSide } from '../../services/reconcile/incumbent-side.ts';
import type { ReconcileRules, Sides } from '../../services/reconcile/reconcile.ts';
import type { SideSource } from '../../services/reconcile/side-source.ts';
import { calendarsOf, instrumentsOf } from '../config/instruments.ts';
import type { Values } from '../config/settings.ts';
import type { Engines } from '../engines/composition.ts';
import { buildOptions } from './path-options.ts';

/** The sides to compare. `noise`: the incumbent, and a second incumbent in the candidate's place. */
export async function openSides(
  engines: Pick<Engines, 'log' | 'streams' | 'keys'>,
  values: Values,
  noise: boolean,
): Promise<Sides> {
  const { nonPositive } = buildOptions(values);
  const [streams, keys] = [await engines.streams(), await engines.keys()];
  const incumbent = (prefix: string, olderKey: string | null): SideSource =>
    incumbentSide(streams, keys, { streams: prefix, olderKey, tickPrefix: values.streamVersionPrefix, nonPositive });
  return {
    incumbent: incumbent(BAR_STREAMS, values.redisBarsKey),
    candidate: noise ? incumbent(NOISE_STREAMS, null) : candidateSide(await engines.log(), nonPositive),
  };
}

/** `noise`: for sides opened so. */
export const reconcileRules = (values: Values, noise = false): ReconcileRules => ({
  noise,
  calendarOf: calendarsOf(values),
  instrumentOf: instrumentsOf(values),
  threshold: defaultGateRule.threshold,
  minSessionBars: values.minSessionBars,
  closesMs: closesAfter(values),
  settlesMs: settlesAfter(values),
});

/** What the gate demands, by configuration. */
export function gateRules(values: Values): GateRules {
  const instruments = instrumentsOf(values);
  const { minSessionBars, minRunBars, proven } = values;
  const demanded = { ...defaultGateRule, minSessionBars, minRunBars, proven };
  return { ...reconcileRules(values), ruleOf: (symbol) => ({ ...demanded, tolerance: instruments(symbol).tolerance }) };
}
