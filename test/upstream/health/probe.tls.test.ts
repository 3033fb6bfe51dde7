import { afterEach, describe, expect, test } from 'vitest';
import type { HealthCheckConfig } from '../../../src/upstream/health/config.ts';
import { ProbeRig, TRUSTING } from '../../support/probes.ts';
import { RawServer } from '../../support/raw-server.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const HTTPS: Partial<HealthCheckConfig> = { check_type: 'https' };

let rig: ProbeRig;
afterEach(() => rig.close());

describe('An https probe', () => {
  test.each([
    ['https', HTTPS],
    ['http, on the port where requests go over TLS', { check_type: 'http' } as const],
  ])('goes over TLS when it is %s', async (_, check) => {
    rig = await ProbeRig.open({});
    expect(await rig.answered(OK, check)).toBeUndefined();
    expect(await rig.answered('HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n', check)).toBe('status 503, expected 200');
    expect(rig.server.peers[0]?.text).toContain(`\r\nhost: ${rig.server.address}\r\n`);
  });

  test('goes over TLS also where requests do not, and http on a port of its own does not', async () => {
    rig = await ProbeRig.open({});
    rig.target = { ...rig.target, secure: false };
    expect(await rig.answered(OK, HTTPS)).toBeUndefined();
    const plain = await RawServer.open();
    rig.target = { ...rig.target, secure: true };
    const found = rig.probe({ check_type: 'http', port: plain.port });
    const peer = await plain.next();
    await peer.until('\r\n\r\n');
    peer.send(OK);
    expect(await found).toBeUndefined();
    await plain.close();
  });

  test.each([
    ['is for another name', { ...TRUSTING, servername: 'orders.internal' }, 'the certificate is for another name'],
    ['is not signed by anyone known', { servername: 'users.internal' }, 'the certificate is not signed by anyone known'],
  ])('says when the certificate %s', async (_, tls, problem) => {
    rig = await ProbeRig.open({});
    rig.target = { ...rig.target, tls };
    expect(await rig.probe(HTTPS)).toBe(problem);
  });

  test('takes any certificate when that is configured', async () => {
    rig = await ProbeRig.open({});
    rig.target = { ...rig.target, tls: { servername: 'orders.internal', rejectUnauthorized: false } };
    expect(await rig.answered(OK, HTTPS)).toBeUndefined();
  });

  test('gives up on a handshake that does not end when its time is over', async () => {
    rig = await ProbeRig.open();
    const found = rig.probe({ ...HTTPS, timeout: 1000 });
    const peer = await rig.server.next();
    await peer.until(() => peer.size > 0);
    rig.clock.advance(1000);
    expect(await found).toBe('no answer within 1000ms');
    await peer.gone();
  });

  test('of a server that speaks no TLS fails', async () => {
    rig = await ProbeRig.open();
    const found = rig.probe(HTTPS);
    const peer = await rig.server.next();
    peer.send('HTTP/1.1 400 Bad Request\r\n\r\n');
    expect(await found).toMatch(/wrong version number|packet length/);
  });
});
