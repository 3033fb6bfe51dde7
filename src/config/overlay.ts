import type { z } from 'zod';
import { keysAt, kindsAt } from './keys.ts';
import type { Origins } from './origins.ts';
import { type Path, pathText, valueAt } from './path.ts';

/** A value that takes the place of what a document says. */
export interface Setting {
  readonly path: Path;
  /** Undefined: what is there is taken away. */
  readonly value: unknown;
  /** As in `Problem.source`. */
  readonly source: string;
}

/**
 * Puts a value into a copy of a document, with the blocks and lists around it that are missing. One value gives way to
 * a list of them; what else is of the wrong kind stays, so that it is not hidden.
 */
export function overlay(document: unknown, { path, value, source }: Setting, origins: Origins): unknown {
  const claim = (at: number) => {
    const claimed = path.slice(0, at);
    if (at > 0) origins.claim(claimed, () => ({ source }));
  };
  const put = (old: unknown, at: number): unknown => {
    if (at === path.length) {
      claim(at);
      return value;
    }
    const step = path[at] as string | number;
    const fits = typeof step === 'number' ? Array.isArray(old) : isBlock(old);
    if (!fits && typeof step === 'string' && old !== undefined && old !== null) return old;
    if (!fits) claim(at);
    const filled = put(fits ? valueAt(old, [step]) : undefined, at + 1);
    if (typeof step === 'number') return Object.assign(fits ? [...(old as unknown[])] : [], { [step]: filled });
    const { [step]: _, ...others } = fits ? (old as Record<string, unknown>) : {};
    return filled === undefined ? others : { ...others, [step]: filled };
  };
  return put(document, 0);
}

/**
 * The way that a variable's name means. Letters of variables have no case, and of signs they know only `_`: a part of a
 * name is the key that differs from it in nothing else, one in the document before one of the schema. A number is a
 * place in a list where a list is, or may be.
 * @returns the way, or why there is none
 */
export function wayOf(names: readonly string[], document: unknown, schema: z.ZodType): Path | string {
  const path: (string | number)[] = [];
  for (const name of names) {
    const here = valueAt(document, path);
    const inList = Array.isArray(here) || (/^\d+$/.test(name) && !isBlock(here) && kindsAt(schema, path).has('array'));
    if (inList) {
      const entries = Array.isArray(here) ? here.length : 0;
      if (!/^\d{1,6}$/.test(name)) return `${pathText(path)} is a list: a number stands behind it, from 0 to ${entries}`;
      if (Number(name) > entries) return `${pathText(path)} has ${entries} entries: the next is ${entries}`;
      path.push(Number(name));
    } else {
      const keys = [...Object.keys(isBlock(here) ? here : {}), ...keysAt(schema, path)];
      const same = keys.filter((key) => plain(key) === name);
      path.push(keys.includes(name) ? name : (same[0] ?? name));
    }
  }
  return path;
}

function plain(key: string): string {
  return key.toLowerCase().replaceAll(/[^a-z0-9]/g, '_');
}

export function isBlock(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
