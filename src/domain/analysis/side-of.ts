/**
 * On which side of another price one lies, by their difference: 1 above it, −1 below it, 0 at it. An average of equal prices differs from
 * them by a rounding in the last digits: what is less than 1e-12 of `price` is no difference.
 */
export const sideOf = (difference: number, price: number): -1 | 0 | 1 => {
  if (Math.abs(difference) <= 1e-12 * Math.abs(price)) return 0;
  return difference > 0 ? 1 : -1;
};

export const placeOf = { '-1': 'below', 0: 'at', 1: 'above' } as const;
