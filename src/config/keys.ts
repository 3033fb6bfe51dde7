import type { z } from 'zod';
import type { Path } from './path.ts';

/** The parts of a schema's definition that lead to the schemas inside it. */
interface Definition {
  readonly type: string;
  readonly shape?: Record<string, Schema>;
  readonly element?: Schema;
  readonly valueType?: Schema;
  readonly innerType?: Schema;
  readonly in?: Schema;
  readonly options?: readonly Schema[];
}

interface Schema {
  readonly _zod: { readonly def: Definition };
}

/** The keys that a schema knows at a path; empty where it has no fixed keys. */
export function keysAt(schema: z.ZodType, path: Path): string[] {
  return definitionsAt(schema, path).flatMap((definition) => Object.keys(definition.shape ?? {}));
}

/** The kinds of values that a schema takes at a path, in zod's words: `string`, `array`, `object`, `record` … */
export function kindsAt(schema: z.ZodType, path: Path): Set<string> {
  return new Set(definitionsAt(schema, path).map(({ type }) => type));
}

function definitionsAt(schema: z.ZodType, path: Path): Definition[] {
  let open = unwrap(schema as unknown as Schema);
  for (const step of path) {
    open = open.flatMap((definition) => {
      const child = ownShape(definition, step) ?? definition.element ?? definition.valueType;
      return child === undefined ? [] : unwrap(child);
    });
  }
  return open;
}

function ownShape({ shape = {} }: Definition, step: string | number): Schema | undefined {
  return Object.hasOwn(shape, step) ? shape[step] : undefined;
}

/** All paths to keys that a schema knows; `*` stands for any name or place in a list. */
export function allKeys(schema: z.ZodType): string[] {
  const found: string[] = [];
  const visit = (inner: Schema, path: string): void => {
    for (const { shape = {}, element, valueType } of unwrap(inner)) {
      for (const [key, child] of Object.entries(shape)) {
        const full = path === '' ? key : `${path}.${key}`;
        found.push(full);
        visit(child, full);
      }
      const each = element ?? valueType;
      if (each !== undefined) visit(each, `${path}.*`);
    }
  };
  visit(schema as unknown as Schema, '');
  return found;
}

/** Defaults, transforms and the like taken off; a union gives each of its options. */
function unwrap(schema: Schema): Definition[] {
  const definition = schema._zod.def;
  const inner = definition.innerType ?? definition.in;
  if (inner !== undefined) return unwrap(inner);
  return definition.options?.flatMap(unwrap) ?? [definition];
}
