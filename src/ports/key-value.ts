/** Plain keys with text values (Redis strings): where older pipelines keep their bars, and which bar source readers use. */
export interface KeyValue {
  /** The value, or null where the key is missing. Rejects with `redis.unavailable` (retry). */
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
}
