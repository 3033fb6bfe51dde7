import { brotliDecompressSync, constants, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { Coding } from '../../src/layers/compression/config.ts';

/** The bytes that a whole compressed body stands for. @throws when it is cut short */
export function decoded(coding: Coding, bytes: Uint8Array): Buffer {
  if (coding === 'gzip') return gunzipSync(bytes);
  return coding === 'br' ? brotliDecompressSync(bytes) : zstdDecompressSync(bytes);
}

/** As much as a reader can tell from the beginning of a body. */
export function decodedSoFar(coding: Coding, bytes: Uint8Array): Buffer {
  if (coding === 'gzip') return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  if (coding === 'br') return brotliDecompressSync(bytes, { finishFlush: constants.BROTLI_OPERATION_FLUSH });
  return zstdDecompressSync(bytes, { finishFlush: constants.ZSTD_e_flush });
}
