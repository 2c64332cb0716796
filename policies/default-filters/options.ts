import { z } from 'zod';
import { HEADER_ACTIONS, headersOf, sameHeader } from './headers.ts';
import { LIMIT, MODIFIERS } from './rule.ts';

const headerName = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/, 'not a header name (RFC 9110, 5.1)')
  .describe('The header, compared case-insensitively.');

const header = z.strictObject({
  name: headerName,
  value: z
    .string()
    .min(1)
    .max(4096)
    // Gateway API's pattern ^[!-~]+([\t ]?[!-~]+)*$, written so that it cannot backtrack.
    .regex(/^[!-~]+([\t ][!-~]+)*$/, 'not a header value: visible ASCII, single spaces or tabs between words')
    .describe('Its value, as Gateway API allows it.'),
});

const modifier = z
  .strictObject({
    set: z.array(header).max(LIMIT).optional().describe('Headers to overwrite.'),
    add: z.array(header).max(LIMIT).optional().describe('Headers to append to.'),
    remove: z.array(headerName).max(LIMIT).optional().describe('Headers to take out.'),
  })
  .superRefine((lists, context) => {
    const headers = headersOf({ set: lists.set ?? [], add: lists.add ?? [], remove: lists.remove ?? [] });
    if (headers.length === 0) context.addIssue({ code: 'custom', message: 'names no header' });
    for (const [at, { name }] of headers.entries()) {
      if (headers.slice(0, at).some((earlier) => sameHeader(earlier.name, name))) {
        context.addIssue({
          code: 'custom',
          message: `header ${name} stands twice; give it one action of ${HEADER_ACTIONS.join(', ')}`,
        });
      }
    }
  });

/**
 * Filters as a rule writes them; only those that can be merged into any rule. A rewrite or the origins of CORS fit one application; a mirror,
 * an extension or external authorization names an object in the namespace of each route.
 */
export const filtersSchema = z
  .array(
    z
      .strictObject({
        type: z
          .enum(MODIFIERS.map(({ type }) => type))
          .describe(
            'RequestHeaderModifier | ResponseHeaderModifier. For redirects see httpsRedirect; all other filters belong to one application.',
          ),
        requestHeaderModifier: modifier.optional().describe('Edits of request headers.'),
        responseHeaderModifier: modifier.optional().describe('Edits of response headers.'),
      })
      .superRefine((filter, context) => {
        for (const { type, field } of MODIFIERS) {
          if ((filter[field] !== undefined) === (filter.type === type)) continue;
          const message = filter.type === type ? `type ${type} needs this field` : `does not belong to ${filter.type}`;
          context.addIssue({ code: 'custom', path: [field], message });
        }
      }),
  )
  .superRefine((filters, context) => {
    for (const [at, { type }] of filters.entries()) {
      if (filters.findIndex((filter) => filter.type === type) < at) {
        context.addIssue({ code: 'custom', path: [at, 'type'], message: `${type} stands twice; write one` });
      }
    }
  });
