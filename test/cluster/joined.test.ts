import { expect, test } from 'vitest';
import { joined } from '../../src/cluster/joined.ts';

const MIB = 1024 * 1024;

test.each<{ readonly name: string; readonly pieces: readonly string[]; readonly text: string }>([
  { name: 'none', pieces: [], text: '' },
  { name: 'one', pieces: ['a'], text: 'a' },
  { name: 'some, one empty', pieces: ['ab', '', 'c'], text: 'abc' },
  { name: 'a character over two of them', pieces: ['\xc3', '\xa9'], text: 'é' },
  { name: 'as many bytes as there is room for', pieces: ['x'.repeat(MIB - 1), 'y'], text: `${'x'.repeat(MIB - 1)}y` },
  { name: 'one more', pieces: ['x'.repeat(MIB), 'y'], text: `${'x'.repeat(MIB)}y` },
])('puts pieces together: $name', ({ pieces, text }) => {
  expect(joined(pieces.map((piece) => Buffer.from(piece, 'latin1'))).toString()).toBe(text);
});

test('leaves nothing of those before', () => {
  joined([Buffer.from('long'), Buffer.from('er')]);
  expect(joined([Buffer.from('a'), Buffer.from('b')]).toString()).toBe('ab');
});
