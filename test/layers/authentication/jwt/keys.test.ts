import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { configOf, JwtRig } from './open-method.ts';
import { SECRET, secretKey, token } from './signing.ts';

describe('The keys of an instance', () => {
  test('are one set for each URL, whatever the configuration', () => {
    const { keys } = new JwtRig({ secret: SECRET });
    const config = configOf({ jwks_uri: 'https://id.example.com/a' });
    const set = keys.open('https://id.example.com/a', config);
    expect(keys.open('https://id.example.com/a', configOf({ jwks_uri: 'https://id.example.com/a', jwks_max_age: '1m' }))).toBe(
      set,
    );
    expect(keys.open('https://id.example.com/b', config)).not.toBe(set);
    keys.keep(new Set(['https://id.example.com/b']));
    expect(keys.open('https://id.example.com/a', config)).not.toBe(set);
  });

  test('load jose with the first token and not before', () => {
    const path = fileURLToPath(new URL('../../../../src/layers/authentication/jwt/method.ts', import.meta.url));
    const program = `
      const { registerHooks } = await import('node:module');
      const seen = [];
      registerHooks({ resolve: (name, context, next) => { if (/^(jose|undici)$/.test(name)) seen.push(name); return next(name, context); } });
      await import(${JSON.stringify(path)});
      await import(${JSON.stringify(path.replace('method.ts', 'keys.ts'))});
      console.log(JSON.stringify(seen));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    expect([stdout.trim(), stderr]).toEqual(['[]', '']);
  });

  test('load jose once', async () => {
    const { keys } = new JwtRig({ secret: SECRET });
    expect(keys.load()).toBe(keys.load());
    const rig = new JwtRig({ secret: SECRET });
    expect(await rig.outcome(token('HS256', secretKey(SECRET), {}))).toBe('valid');
  });
});
