import type { ErrorList } from './spec.ts';

const recorded = 'the feed goes on without it; correct the source if there are many';

/** Errors of feeds. */
export const feedErrors = {
  'feed.file.unreadable': {
    retry: false,
    exit: 66,
    cause: 'the tick file does not exist, is a directory, or may not be read',
    remedy: 'correct the path, or the rights of the file',
    text: (e) => `cannot read the tick file ${e.path}: ${e.reason}`,
  },
  'feed.file.format': {
    retry: false,
    exit: 65,
    cause: 'the content of the tick file is neither NDJSON nor CSV, plain or in gzip',
    remedy: 'convert it to one JSON object a line, or to CSV with a header row',
    text: (e) =>
      `${e.path} ${e.found}; allowed are NDJSON (one object a line) and CSV with a header row, plain or in gzip`,
  },
  'feed.file.columns': {
    retry: false,
    exit: 65,
    cause: 'the header row of a CSV file names no time, or no price',
    remedy:
      'name the columns in the first line: ts and price, or ts, bid and ask; optional: symbol, volume, side, id, seq',
    text: (e) =>
      `${e.path}: the header row ${JSON.stringify(e.header)} has no column for ${e.missing}; known names are ${e.allowed}`,
  },
  'feed.file.damaged': {
    retry: false,
    exit: 65,
    cause: 'the tick file ends early or is damaged: what came before the damage was published',
    remedy: 'fetch the file again; `gzip -t` tests it',
    text: (e) => `${e.path} is damaged after line ${e.line}: ${e.reason}`,
  },
  'feed.file.no-ticks': {
    retry: false,
    exit: 65,
    cause: 'no line of the tick file could be published to a channel, or the file has no lines',
    remedy: 'look at the line that the message names; if lines name no symbol, give it with --symbol',
    text: (e) =>
      e.first === null
        ? `${e.path} holds no ticks: ${e.lines === 0 ? 'it is empty' : 'it has no line after its header'}`
        : `none of the ${e.lines} lines of ${e.path} could be published; the first: ${e.first}`,
  },
  'feed.speed': {
    retry: false,
    exit: 64,
    cause: 'the speed of a replay is neither `max` nor a factor',
    remedy: 'give max, or a number from 1 to 999999',
    text: (e) => `speed ${JSON.stringify(e.value)} is neither max nor a factor from 1 to 999999`,
  },
  'feed.shift': {
    retry: false,
    exit: 64,
    cause: 'the time shift of a replay cannot be read',
    remedy: 'give none, now, a duration such as 2h or -7d, or a moment in ISO 8601',
    text: (e) =>
      `shift ${JSON.stringify(e.value)} is neither none, now, a duration such as 2h or -7d, nor a moment in ISO 8601`,
  },
  'feed.symbol.unknown': {
    retry: false,
    exit: 64,
    cause: 'the synthetic market does not have this symbol',
    remedy: 'choose from those that the message names',
    text: (e) => `the synthetic market has no ${JSON.stringify(e.value)}; it has ${e.allowed}`,
  },
  'feed.line.too-long': {
    retry: false,
    exit: null,
    cause: 'a line is longer than any tick',
    remedy: recorded,
    text: (e) => `the line has more than ${e.allowed} bytes: ${e.value}`,
  },
  'feed.line.columns': {
    retry: false,
    exit: null,
    cause: 'a CSV line has another number of cells than the header row, or an open quote',
    remedy: recorded,
    text: (e) => `the line has not the ${e.allowed} cells of the header row: ${e.value}`,
  },
  'feed.frame.unknown': {
    retry: false,
    exit: null,
    cause: 'an exchange sent a frame that is not of its documented form',
    remedy: `${recorded}; the exchange may have changed its format`,
    text: (e) => `${e.exchange} sent a frame that is not understood: ${e.value}`,
  },
  'feed.exchange.refused': {
    retry: false,
    exit: null,
    cause: 'an exchange refused a subscription, most often because it does not know the symbol',
    remedy:
      'correct --symbols: names as the exchange has them, such as BTCUSDT for Binance and BTC-USD for Coinbase and Kraken',
    text: (e) => `${e.exchange} refused: ${e.reason}`,
  },
  'feed.exchange.lost': {
    retry: true,
    exit: null,
    cause: 'the connection to an exchange ended, or went silent',
    remedy: 'nothing: the feed connects again with a growing delay; check the network if it lasts',
    text: (e) => `the connection to ${e.exchange} at ${e.at} ended: ${e.reason}; next attempt in ${e.delay} ms`,
  },
} as const satisfies ErrorList;
