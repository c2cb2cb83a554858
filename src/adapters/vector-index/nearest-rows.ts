/** The rows with the highest similarities, highest first; of equal ones the lower id first. */
export class NearestRows {
  readonly rows: { readonly row: number; readonly similarity: number }[] = [];
  readonly #limit: number;
  readonly #ids: readonly string[];

  constructor(limit: number, ids: readonly string[]) {
    this.#limit = limit;
    this.#ids = ids;
  }

  offer(row: number, similarity: number): void {
    const { rows } = this;
    if (rows.length >= this.#limit && !this.#precedes(row, similarity, rows.at(-1))) return;
    let at = rows.length;
    while (at > 0 && this.#precedes(row, similarity, rows[at - 1])) at -= 1;
    rows.splice(at, 0, { row, similarity });
    if (rows.length > this.#limit) rows.pop();
  }

  #precedes(
    row: number,
    similarity: number,
    other: { readonly row: number; readonly similarity: number } | undefined,
  ): boolean {
    // Where none are wanted there is no other to compare with.
    if (other === undefined || similarity < other.similarity) return false;
    return similarity > other.similarity || this.#ids[row]! < this.#ids[other.row]!;
  }
}
