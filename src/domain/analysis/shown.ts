/** A number as a reader wants it: at most six digits that count, no exponent for usual sizes. */
export const shown = (value: number): string => String(Number(value.toPrecision(6)));
