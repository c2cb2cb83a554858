/** A number as it is written in a text. */
export interface WrittenNumber {
  readonly text: string;
  /** Without its sign. */
  readonly value: number;
  /** Digits after the point. */
  readonly decimals: number;
  /** Digits that count. */
  readonly digits: number;
  readonly percent: boolean;
}

const NUMBER =
  /(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?(?:\s*(?:[%％﹪٪]|per[\s-]?cent\b|percentage\b|pct\b|p\.?c\.?(?![a-z])))?/gi;

/** Every number of a text, in order. Signs are left aside: "a loss of 3 %" and "-3 %" say the same. */
export function numbersIn(text: string): WrittenNumber[] {
  return [...text.matchAll(NUMBER)].map(([written]) => {
    const bare = written.replace(/\s*(?:[%％﹪٪]|per[\s-]?cent|percentage|pct|p\.?c\.?)$/i, '');
    const [mantissa = ''] = bare.replaceAll(',', '').toLowerCase().split('e');
    return {
      text: written,
      value: Number(bare.replaceAll(',', '')),
      decimals: mantissa.includes('.') ? mantissa.length - mantissa.indexOf('.') - 1 : 0,
      digits: mantissa.replace('.', '').replace(/^0+/, '').length,
      percent: bare !== written,
    };
  });
}
