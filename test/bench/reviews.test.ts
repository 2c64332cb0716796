import { describe, expect, it } from 'vitest';
import { checkSchema } from '#gateway';
import { benchReviews } from './reviews.ts';

describe('reviews of the benchmark', () => {
  it.each([2, 8, 100])('are of objects that an API server would take: %d KB', async (size) => {
    const problems = await Promise.all(
      benchReviews(size * 1024).map((text) => {
        const { request } = JSON.parse(text) as { readonly request: { readonly object: unknown } };
        return checkSchema('HTTPRoute', 'v1', 'standard', request.object);
      }),
    );
    expect(problems).toEqual(problems.map(() => []));
  });
});
