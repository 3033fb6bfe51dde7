import { hash } from 'node:crypto';
import { hash32 } from '../lib/hash32.ts';

/** Buckets are spread over so many slots of a cluster. */
const TAGS = 256;

/**
 * All names in Redis. What one decision is made of is in one slot: the part in braces decides about that. A fleet's keys begin
 * with `<key_prefix><fleet>:`.
 */
export class Keys {
  private readonly prefix: string;

  constructor(keyPrefix: string, fleet: string) {
    this.prefix = `${keyPrefix}${fleet}:`;
  }

  /** Of a limit and a key of it: by a digest, since keys may be as long as clients like, and credentials. */
  bucket(limit: string, key: string): string {
    const name = `${limit}\0${key}`;
    return `${this.prefix}{rl${hash32(name) % TAGS}}:${hash('sha1', name, 'base64url')}`;
  }

  /** The mark of a life of the data, beside the buckets of a tag. @param bucket as {@link bucket} makes it */
  life(bucket: string): string {
    return `${bucket.slice(0, bucket.indexOf('}') + 1)}:life`;
  }

  /** Of what a fleet knows about an endpoint: by a digest, since names may hold braces. @param label of the endpoint */
  circuit(label: string): string {
    return `${this.prefix}{circuit:${hash('sha1', label, 'base64url')}}`;
  }

  get members(): string {
    return `${this.prefix}{members}:beats`;
  }

  /** How many members there were, by time. */
  get memberCounts(): string {
    return `${this.prefix}{members}:counts`;
  }

  /** Channels are no keys: one name in all slots. */
  channel(name: string): string {
    return `${this.prefix}${name}`;
  }

  /** What a look whether Redis takes writes leaves behind for a moment. */
  probe(instance: string): string {
    return `${this.prefix}{probe:${instance}}`;
  }
}
