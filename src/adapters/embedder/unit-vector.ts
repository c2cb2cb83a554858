/** The direction of `values`, as a vector of length 1; null where they have none (all 0, or not all finite). */
export function unitVector(values: ArrayLike<number>): Float32Array | null {
  let squares = 0;
  for (let i = 0; i < values.length; i += 1) squares += values[i]! * values[i]!;
  if (!(squares > 0 && squares < Number.POSITIVE_INFINITY)) return null;
  const length = Math.sqrt(squares);
  return Float32Array.from(values, (value) => value / length);
}
