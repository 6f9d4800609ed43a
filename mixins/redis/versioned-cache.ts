/**
 * Values by id and version, for what must never be shown once it changed. The writer stores the new version before it answers;
 * a filler that read before the change cannot overwrite it.
 */
export interface VersionedCache<Value> {
  /** Undefined for what is not cached at its newest version. */
  getMany(ids: readonly (number | string)[]): Promise<(Value | undefined)[]>;
  /** Stores a value read at this version, unless a newer version is known. */
  fill(id: number | string, version: number, value: Value): Promise<void>;
  /** A newer version exists from now on: older values are gone, and later fills of older ones are refused. */
  raise(id: number | string, version: number): Promise<void>;
}
