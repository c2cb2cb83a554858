import { EARLIEST_TS, LATEST_TS } from './tick.ts';
import { parseTime } from './tick-time.ts';

/** The place of a value in a payload: [from, to). */
interface Span {
  readonly from: number;
  readonly to: number;
}

const QUOTE = 0x22;
const SYMBOL = Buffer.from('"symbol":"');
const TS = Buffer.from('"ts":');
