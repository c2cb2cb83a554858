import type { PubSubTapeOptions } from '../../adapters/tick-tape/pub-sub.ts';
import type { BarOptions } from '../../domain/bar/bar-options.ts';
import type { BuildOptions } from '../../services/bars/symbol-bars.ts';
import { instrumentsOf } from '../config/instruments.ts';
import type { Values } from '../config/settings.ts';

/** How bars are to be built. */
function barOptions(values: Values): BarOptions {
  const { graceMs, correctionWindowMs, idleCloseMs, timestampOn, buildWithNoUpdates, skipFirstPartial, composites } =
    values;
  return {
    graceMs,
    correctionWindowMs,
    idleCloseMs,
    timestampOn,
    buildWithNoUpdates,
    skipFirstPartial,
    timeZoneOrigin: { timeZone: values.originTimeZone, hour: values.originHour },
    composites,
  };
}

export function buildOptions(values: Values): BuildOptions {
  const instruments = instrumentsOf(values);
  return { bars: barOptions(values), nonPositive: (symbol) => instruments(symbol).nonPositive };
}

/** How a subscriber follows the tape. */
export function tapeOptions(values: Values, service: string, instance: string): PubSubTapeOptions {
  return {
    service,
    instance,
    pattern: values.ticksPattern,
    memoryBytes: values.tapeMemoryMb * 1024 * 1024,
    streamPrefix: values.streamVersionPrefix,
    fillMarginMs: FILL_MARGIN_MS,
  };
}

/** What clocks of one site may differ by, and how late a busy subscriber may receive. */
const FILL_MARGIN_MS = 30_000;
