import {
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import type { Coding, CompressionConfig } from './config.ts';

/** A stream of node:zlib. Its work is done in Node's thread pool; what it gives comes in pieces of at most 16 KB. */
export type Encoder = ReturnType<typeof createGzip>;

/** How one coding is made. */
export interface Encoding {
  /** All of a body, at once and on the calling thread. */
  whole(bytes: Uint8Array): Buffer;
  /**
   * Holds memory outside of the heap until it is destroyed.
   * @param prompt all of each write can be read at the other end before the next one comes
   */
  stream(prompt: boolean): Encoder;
}

type Levels = CompressionConfig['levels'];

/**
 * Windows and tables are smaller than zlib, brotli and zstd make them by themselves, since each open stream holds its own. On
 * 1 MB of JSON that costs nothing, on 1 MB of JavaScript 3 to 6 % of size. Measured per open stream, Node's own buffers
 * included: gzip 0.2 MB, zstd 0.35, br 0.5 (0.8 from level 4 on); with their own defaults it would be 0.3, 1 and 2.
 */
const MAKERS: { readonly [Name in Coding]: (level: number) => Encoding } = {
  gzip(level) {
    const options = { level, windowBits: 14, memLevel: 7 };
    return {
      whole: (bytes) => gzipSync(bytes, options),
      stream: (prompt) => createGzip({ ...options, flush: prompt ? constants.Z_SYNC_FLUSH : constants.Z_NO_FLUSH }),
    };
  },
  br(level) {
    const options = { params: { [constants.BROTLI_PARAM_QUALITY]: level, [constants.BROTLI_PARAM_LGWIN]: 16 } };
    return {
      whole: (bytes) => brotliCompressSync(bytes, options),
      stream: (prompt) => {
        const flush = prompt ? constants.BROTLI_OPERATION_FLUSH : constants.BROTLI_OPERATION_PROCESS;
        return createBrotliCompress({ ...options, flush }) as Encoder;
      },
    };
  },
  zstd(level) {
    const options = {
      params: {
        [constants.ZSTD_c_compressionLevel]: level,
        [constants.ZSTD_c_windowLog]: 17,
        [constants.ZSTD_c_hashLog]: 14,
        [constants.ZSTD_c_chainLog]: 14,
      },
    };
    return {
      whole: (bytes) => zstdCompressSync(bytes, options),
      stream: (prompt) => {
        const flush = prompt ? constants.ZSTD_e_flush : constants.ZSTD_e_continue;
        // Its type lacks `params` and `reset`, which nobody here asks for.
        return createZstdCompress({ ...options, flush }) as unknown as Encoder;
      },
    };
  },
};

export function encodingOf(coding: Coding, levels: Levels): Encoding {
  return MAKERS[coding](levels[coding]);
}
