#!/usr/bin/env python3
"""Makes test/fixtures/talib/<set>.json: what TA-Lib reads from the one-minute bars of recorded sets, at some bars of each.

Run once, in the root of the project, after `pip install TA-Lib==0.8.2 numpy`:
    python scripts/talib-reference.py && npx biome check --write test/fixtures/talib

An output of TA-Lib has a first value and then one for each bar: `first` says where. `values` holds each output at the bars in `at`, null
before the first value. Volume-weighted prices are not in TA-Lib: they are summed here exactly, as fractions, from the start of each UTC day.
To look at more bars or elsewhere: python scripts/talib-reference.py <folder> <number of bars per set>.

To compare every bar (16 MB of figures, which the repository does not keep):
    python scripts/talib-reference.py /tmp/talib all
    PULSE_TEST_TALIB=/tmp/talib npx vitest run src/domain/indicators/talib.test.ts
"""

import gzip
import json
import math
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import talib

TICKS = Path("../shared/ticks")
SETS = (
    "EURUSD.oanda.2014-05",
    "EURUSD.fxcm.2014-05",
    "AUDUSD.truefx.2020-01-30_31",
    "BTCUSDT-PERP.tardis.2020-02-22",
)
DAY = 86_400


def read_bars(name):
    """Columns of the set. Quotes carry no volume: there it is the number of ticks."""
    with gzip.open(TICKS / f"{name}.bars.1m.ndjson.gz", "rt") as lines:
        bars = [json.loads(line) for line in lines]
    column = lambda field: np.array([bar[field] for bar in bars], dtype=float)
    volume = [bar["n"] if float(bar["v"]) == 0 else float(bar["v"]) for bar in bars]
    return column("ts"), column("h"), column("l"), column("c"), np.array(volume, dtype=float)


def outputs(ts, high, low, close, volume):
    """Every output by the name it has in the test."""
    found = {"sma_20": talib.SMA(close, 20)}
    for period in (9, 20, 50, 200):
        found[f"ema_{period}"] = talib.EMA(close, period)
    found["rsi"] = talib.RSI(close, 14)
    found["macd.macd"], found["macd.signal"], found["macd.histogram"] = talib.MACD(close, 12, 26, 9)
    found["atr"] = talib.ATR(high, low, close, 14)
    upper, middle, lower = talib.BBANDS(close, 20, 2, 2, talib.MA_Type.SMA)
    found["bollinger.upper"], found["bollinger.middle"], found["bollinger.lower"] = upper, middle, lower
    found["bollinger.bandwidth"] = (upper - lower) / middle
    with np.errstate(invalid="ignore", divide="ignore"):
        found["bollinger.percent_b"] = (close - lower) / (upper - lower)
    found["adx.adx"] = talib.ADX(high, low, close, 14)
    found["adx.plus_di"] = talib.PLUS_DI(high, low, close, 14)
    found["adx.minus_di"] = talib.MINUS_DI(high, low, close, 14)
    found["stochastic.k"], found["stochastic.d"] = talib.STOCH(high, low, close, 14, 3, talib.MA_Type.SMA, 3, talib.MA_Type.SMA)
    return found


def vwaps(ts, high, low, close, volume):
    """VWAP and its bands over the UTC day up to and with each bar, without rounding but at the end."""
    found = {"vwap.vwap": [], "vwap.upper": [], "vwap.lower": []}
    day = None
    for i in range(len(ts)):
        if ts[i] // DAY != day:
            day, weights, sums, squares = ts[i] // DAY, Fraction(0), Fraction(0), Fraction(0)
        weight = Fraction(volume[i])
        price = (Fraction(high[i]) + Fraction(low[i]) + Fraction(close[i])) / 3
        weights, sums, squares = weights + weight, sums + weight * price, squares + weight * price**2
        mean = sums / weights
        deviation = math.sqrt(squares / weights - mean**2)
        for key, value in zip(found, (float(mean), float(mean) + deviation, float(mean) - deviation)):
            found[key].append(value)
    return found


def chosen(first, count, number):
    """The first value of each output with its neighbours, the first and last bar, and an even spread between."""
    spread = np.linspace(0, count - 1, number).astype(int)
    edges = [i + by for i in set(first.values()) for by in (-1, 0, 1)]
    return sorted({int(i) for i in [*spread, *edges] if 0 <= i < count})


def reference(name, number):
    columns = read_bars(name)
    found = outputs(*columns)
    count = len(columns[0])
    first = {key: int(np.argmax(~np.isnan(values))) for key, values in found.items() if not np.isnan(values).all()}
    # After its first value an output has one for each bar, but for %b where the bands meet.
    at = list(range(count)) if number is None else chosen(first, count, number)
    values = {key: [float(series[i]) if math.isfinite(series[i]) else None for i in at] for key, series in found.items()}
    sessions = vwaps(*columns)
    values |= {key: [series[i] for i in at] for key, series in sessions.items()}
    first |= {key: 0 for key in sessions}
    return {"set": name, "source": f"TA-Lib {talib.__version__}", "bars": count, "first": first, "at": at, "values": values}


def main(folder="test/fixtures/talib", number="36"):
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name in SETS:
        made = reference(name, None if number == "all" else int(number))
        Path(folder, f"{name}.json").write_text(json.dumps(made) + "\n")
        print(f"{name}: {len(made['at'])} of {made['bars']} bars, {len(made['values'])} outputs")


main(*sys.argv[1:])
