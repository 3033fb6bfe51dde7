/** One number of many buckets. */
export type Column = Float64Array<ArrayBuffer>;

/** The column with room for more. */
export function enlarged(column: Column, slots: number): Column {
  const larger = new Float64Array(slots);
  larger.set(column);
  return larger;
}
