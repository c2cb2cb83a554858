/** Inside the enricher NaN stands for a number that is not there, so that fields stay doubles and a tick allocates none; outside it is null. */
export const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
