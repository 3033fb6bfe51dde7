import type { Exchange } from '../../http/exchange.ts';
import { queryValue } from '../../http/query.ts';
import type { Consumers } from './consumers.ts';
import { cutParameter } from './cut-parameter.ts';
import type { Hiding } from './hiding.ts';
import { hashKey, LONGEST_KEY } from './key-hash.ts';
import type { Finding, Refused } from './method.ts';

const ASCII = /^[\0-\x7f]*$/;

const REFUSED: Refused = Object.freeze({ refused: 'invalid_token', description: 'The key is not valid' });
const SEVERAL: Refused = Object.freeze({ refused: 'invalid_request', description: 'There is more than one key' });

/**
 * Keys of consumers, in a field or a parameter of the query; the field wins. They are known by their SHA-256 alone: keys
 * are long and random, so a slow hash would protect nothing. No comparison sees a key: what the time of the look-up
 * depends on is the hash of what was shown, which nobody can steer towards the hash of a key without knowing one.
 */
export class ApiKeys implements Hiding {
  readonly name = 'api_key';
  private readonly field: string;
  private readonly parameter: Buffer;
  private readonly consumers: Consumers;

  /** @param config `header` and `query` as in `middleware.authentication.api_key`: empty for none, but not both */
  constructor(config: { readonly header: string; readonly query: string }, consumers: Consumers) {
    this.field = config.header.toLowerCase();
    this.parameter = Buffer.from(config.query);
    this.consumers = consumers;
  }

  identify(exchange: Exchange): Finding {
    const inField = this.field === '' || !exchange.headers.has(this.field) ? [] : exchange.headers.all(this.field);
    if (inField.length > 1) return SEVERAL;
    const [shown = ''] = inField;
    if (shown !== '') return this.holder(shown, true);
    const inQuery = this.parameter.length === 0 ? undefined : queryValue(exchange.target, this.parameter);
    return inQuery === undefined || inQuery === '' ? undefined : this.holder(inQuery, false);
  }

  /** @param isBytes one character a byte, as fields are; else text */
  private holder(key: string, isBytes: boolean): Finding {
    if (key.length > LONGEST_KEY) return REFUSED;
    const bytes = isBytes && !ASCII.test(key) ? Buffer.from(key, 'latin1') : key;
    return this.consumers.byKey.get(hashKey(bytes)) ?? REFUSED;
  }

  hide(exchange: Exchange): void {
    if (this.field !== '') exchange.headers.remove(this.field);
    if (this.parameter.length > 0) exchange.target = cutParameter(exchange.target, this.parameter);
  }
}
