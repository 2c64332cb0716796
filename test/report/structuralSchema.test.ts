import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { structuralSchema } from '../../src/report/structuralSchema.ts';

const object = (properties: unknown, required?: readonly string[]) => ({
  type: 'object',
  ...(required === undefined ? {} : { required }),
  properties,
});

describe('structuralSchema', () => {
  test.each<readonly [string, z.ZodType, unknown]>([
    [
      'fields, what is required, defaults and enums',
      z.strictObject({ b: z.string().min(1), a: z.enum(['x', 'y']).default('x').describe('Which.') }),
      object(
        {
          b: { type: 'string', minLength: 1 },
          a: { description: 'Which.', type: 'string', default: 'x', enum: ['x', 'y'] },
        },
        ['b'],
      ),
    ],
    [
      'whole numbers without the limits of a double, and with limits of their own',
      z.strictObject({ free: z.int().optional(), port: z.int().min(1).max(65_535).optional() }),
      object({ free: { type: 'integer' }, port: { type: 'integer', minimum: 1, maximum: 65_535 } }),
    ],
    [
      'a choice of numbers',
      z.strictObject({ code: z.literal([301, 302]) }),
      object({ code: { type: 'integer', enum: [301, 302] } }, ['code']),
    ],
    [
      'a map',
      z.strictObject({ labels: z.record(z.string(), z.string()).optional() }),
      object({ labels: { type: 'object', additionalProperties: { type: 'string' } } }),
    ],
    [
      'a time, which the API server checks by its format',
      z.strictObject({ expires: z.iso.datetime() }),
      object({ expires: { type: 'string', format: 'date-time' } }, ['expires']),
    ],
    [
      'a union of objects, as one with the fields of all',
      z.strictObject({
        of: z.union([z.strictObject({ a: z.string(), b: z.string() }), z.strictObject({ a: z.string(), c: z.int() })]),
      }),
      object({ of: object({ a: { type: 'string' }, b: { type: 'string' }, c: { type: 'integer' } }, ['a']) }, ['of']),
    ],
    [
      'a union of enums, as one',
      z.strictObject({ of: z.union([z.literal('auto'), z.enum(['on', 'off'])]).optional() }),
      object({ of: { type: 'string', enum: ['auto', 'on', 'off'] } }),
    ],
    [
      'namespaces by name or by selector',
      z.strictObject({ namespaces: z.array(z.string()).optional(), namespaceSelector: z.strictObject({}).optional() }),
      {
        ...object({ namespaces: { type: 'array', items: { type: 'string' } }, namespaceSelector: object({}) }),
        'x-kubernetes-validations': [
          {
            rule: '!(has(self.namespaces) && has(self.namespaceSelector))',
            message: 'give only one of namespaces and namespaceSelector',
          },
        ],
      },
    ],
  ])('writes %s', (_name, schema, expected) => {
    expect(structuralSchema(schema)).toEqual(expected);
  });

  test.each<readonly [string, z.ZodType, string]>([
    [
      'a union of different types',
      z.strictObject({ of: z.union([z.string(), z.int()]) }),
      'spec.of: a union of string and integer has no structural form',
    ],
    ['any value', z.strictObject({ list: z.array(z.unknown()) }), 'spec.list[]: any value has no structural form'],
  ])('refuses %s, with the path', (_name, schema, message) => {
    expect(() => structuralSchema(schema)).toThrow(message);
  });
});
