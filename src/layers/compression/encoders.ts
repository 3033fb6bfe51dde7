import {
  type BrotliOptions,
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  gzipSync,
  type ZlibOptions,
  type ZstdOptions,
  zstdCompressSync,
} from 'node:zlib';
import type { Coding } from './config.ts';

/** A stream of node:zlib, as far as it is used here. */
export type Encoder = ReturnType<typeof createGzip>;

interface Encoding {
  /** All of a small body, at once. */
  whole(bytes: Uint8Array): Buffer;
  stream(): Encoder;
  /** What `flush` is to be given, so that all that went in can be read at the other end. */
  readonly flush: number;
}

/**
 * Levels that a gateway can afford: of 21 KB of JSON each takes 50 to 90 µs (brotli's default of 11 takes 16 ms). Windows are
 * smaller than by default, since each stream that is open holds one: some 70 KB for gzip, 600 KB for br, 700 KB for zstd.
 */
const GZIP: ZlibOptions = { level: 5, windowBits: 14, memLevel: 7 };
const BROTLI: BrotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 17 } };
const ZSTD: ZstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_windowLog]: 17 } };

export const ENCODINGS: Readonly<Record<Coding, Encoding>> = {
  gzip: {
    whole: (bytes) => gzipSync(bytes, GZIP),
    stream: () => createGzip(GZIP),
    flush: constants.Z_SYNC_FLUSH,
  },
  br: {
    whole: (bytes) => brotliCompressSync(bytes, BROTLI),
    stream: () => createBrotliCompress(BROTLI) as Encoder,
    flush: constants.BROTLI_OPERATION_FLUSH,
  },
  zstd: {
    whole: (bytes) => zstdCompressSync(bytes, ZSTD),
    stream: () => createZstdCompress(ZSTD) as unknown as Encoder,
    flush: constants.ZSTD_e_flush,
  },
};
