import { z } from 'zod';
import { choice, field, integer, quote, size, Wrong } from '../../lib/fields.ts';
import type { Frozen } from '../../lib/freeze.ts';

export const CODINGS = ['zstd', 'br', 'gzip'] as const;
export type Coding = (typeof CODINGS)[number];

/** Those that are texts in one way or another. */
const TYPES = [
  ...['text/*', 'application/json', 'application/*+json', 'application/x-ndjson', 'application/javascript'],
  ...['application/xml', 'application/*+xml', 'image/svg+xml', 'application/wasm', 'font/ttf', 'font/otf'],
];

const type = field(z.string(), (text) => {
  const lower = text.toLowerCase();
  return /^[a-z0-9!#$&^_.+-]+\/(?:\*|(?:\*\+)?[a-z0-9!#$&^_.+-]+)$/.test(lower)
    ? lower
    : new Wrong(`not a media type: ${quote(text)}`, 'one such as application/json, text/* or application/*+json');
});

const levelsSchema = z.strictObject({
  zstd: integer(1, 9).prefault(3).describe('1 to 9.'),
  br: integer(1, 6).prefault(3).describe('1 to 6: the quality. From 4 on an open stream takes half as much memory again.'),
  gzip: integer(1, 9).prefault(4).describe('1 to 9.'),
});

/** `compression`: which replies are compressed, and how. */
export const compressionSchema = z.strictObject({
  algorithms: z
    .array(choice(CODINGS))
    .min(1, { error: 'an empty list compresses nothing: leave compression out for that' })
    .refine((list) => new Set(list).size === list.length, { error: 'an algorithm stands there twice' })
    .prefault([...CODINGS])
    .describe('Those that are used: zstd, br, gzip. Of two that a client likes alike, the first.'),
  min_bytes: size(0, 1024 ** 3)
    .prefault(1024)
    .describe('Bodies that are known to be smaller are left alone.'),
  types: z
    .array(type)
    .prefault(TYPES)
    .describe('Media types that are worth it. "text/*" and "application/*+json" stand for many.'),
  levels: levelsSchema
    .prefault({})
    .describe('How hard each tries: higher is smaller and slower. The defaults are what a gateway can afford.'),
});

export type CompressionConfig = Frozen<z.output<typeof compressionSchema>>;
