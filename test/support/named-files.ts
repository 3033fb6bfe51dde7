import { Inputs } from '../../src/config/inputs.ts';
import { issue } from './certificates.ts';

const PEM = issue({ authority: true });

/** What the reader of an example is to make is there: each directory and file that it names, empty but for certificates and keys. */
export class NamedFiles extends Inputs {
  override read(file: string): Buffer {
    if (file.endsWith('.crt')) return Buffer.from(PEM.cert);
    return Buffer.from(file.endsWith('.key') ? PEM.key : '');
  }

  override list(): string[] {
    return [];
  }
}
