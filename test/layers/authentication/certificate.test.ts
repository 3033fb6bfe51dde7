import { describe, expect, test } from 'vitest';
import type { ClientCertificate } from '../../../src/http/identity.ts';
import { Certificates } from '../../../src/layers/authentication/certificate.ts';
import { Consumers } from '../../../src/layers/authentication/consumers.ts';
import { exchangeOf } from '../../support/exchanges.ts';
import { consumerOf } from './consumer-of.ts';

const FINGERPRINT = 'ab'.repeat(32);

function shown(certificate: Partial<ClientCertificate>): ClientCertificate {
  return { subject: 'CN=x', commonName: undefined, names: [], fingerprint: '00'.repeat(32), notAfter: 0, ...certificate };
}

function identify(certificate: ClientCertificate | undefined) {
  const consumers = [
    consumerOf({ name: 'pinned', certificates: [`sha256:${FINGERPRINT}`], groups: ['ops'] }),
    consumerOf({ name: 'named', certificates: ['CN:alice'] }),
    consumerOf({ name: 'service', certificates: ['DNS:a.example', 'URI:spiffe://a/b', 'IP:10.0.0.1'] }),
  ];
  return new Certificates(new Consumers(consumers)).identify(exchangeOf({ peer: { certificate } }));
}

describe('A client certificate', () => {
  test.each([
    ['its fingerprint', shown({ fingerprint: FINGERPRINT, commonName: 'alice', names: ['DNS:a.example'] }), 'pinned', 'alice'],
    ['an alternative name', shown({ names: ['DNS:A.EXAMPLE'], commonName: 'alice' }), 'service', 'alice'],
    ['its second alternative name', shown({ names: ['DNS:b.example', 'URI:spiffe://a/b'] }), 'service', undefined],
    ['an address, as Node writes it', shown({ names: ['IP Address:10.0.0.1'] }), 'service', undefined],
    ['its common name', shown({ commonName: 'alice' }), 'named', 'alice'],
    ['nothing that a consumer has, but still by its common name', shown({ commonName: 'bob' }), undefined, 'bob'],
    ['nothing but itself', shown({}), undefined, undefined],
  ])('is known by %s', (_, certificate, consumer, subject) => {
    expect(identify(certificate)).toMatchObject({ method: 'certificate', consumer, subject });
  });

  test.each([
    ['a fingerprint in its common name', { commonName: FINGERPRINT }],
    ['a fingerprint with its kind in its common name', { commonName: `sha256:${FINGERPRINT}` }],
    ['a fingerprint among its names', { names: [`sha256:${FINGERPRINT}`, FINGERPRINT] }],
    ['a common name among its names', { names: ['CN:alice', 'CN=alice', 'alice', 'DirName:CN:alice'] }],
    ['an alternative name as its common name', { commonName: 'DNS:a.example' }],
    ['a common name that ends in another', { commonName: 'x, CN=alice' }],
    ['a common name of another case', { commonName: 'Alice' }],
    ['an empty common name', { commonName: '' }],
  ])('is nobody else by %s', (_, certificate) => {
    expect(identify(shown(certificate))).toMatchObject({ consumer: undefined, groups: [] });
  });

  test('that is not there is none', () => {
    expect(identify(undefined)).toBeUndefined();
  });

  test('is the same identity for all requests of its connection', () => {
    const certificates = new Certificates(new Consumers([]));
    const certificate = shown({ commonName: 'alice' });
    const [one, other] = [1, 2].map(() => certificates.identify(exchangeOf({ peer: { certificate } })));
    expect(one).toBe(other);
  });
});
