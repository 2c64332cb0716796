import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { Body } from '../../src/serve/body.ts';

function bodyOf(pieces: readonly Buffer[], limit: number): Promise<Body> {
  return new Promise((resolve, reject) => {
    Body.read(Readable.from(pieces), limit, (error, body) => {
      if (body === undefined) reject(error ?? new Error('neither an error nor a body'));
      else resolve(body);
    });
  });
}

function inPieces(text: string, size: number): readonly Buffer[] {
  const whole = Buffer.from(text);
  return Array.from({ length: Math.ceil(whole.length / size) }, (_, at) => whole.subarray(at * size, (at + 1) * size));
}

describe('body', () => {
  it.each([
    ['one piece', 'ä', 100],
    ['pieces that cut a letter', 'ä', 2],
    ['pieces that fill the room', 'ä'.repeat(128 * 1024 - 1), 1000],
    ['more than the room', `${'ä'.repeat(128 * 1024 - 1)}a`, 1000],
  ])('is what was sent: %s', async (_name, text, size) => {
    const body = await bodyOf(inPieces(JSON.stringify(text), size), 1024 * 1024);
    expect(body.json()).toBe(text);
  });

  it('is read one after the other, each whole', async () => {
    const first = await bodyOf(inPieces('"first and longer"', 3), 100);
    const second = await bodyOf(inPieces('"second"', 3), 100);
    expect([first, second].map((body) => body.json())).toEqual(['first and longer', 'second']);
  });

  it('gives back what is its own, and nothing that others have a part in', async () => {
    const [own, shared] = [Buffer.alloc(8, ' '), Buffer.alloc(16, '"').subarray(0, 2)];
    const body = await bodyOf([own, shared], 100);
    expect([own.length, shared.length, body.json(), own.length, shared.length]).toEqual([8, 2, '', 0, 2]);
  });

  it('A5 takes little more memory than its bytes, though it comes byte by byte', () => {
    const script = `
      import { Readable } from 'node:stream';
      import { Body } from ${JSON.stringify(join(import.meta.dirname, '../../src/serve/body.ts'))};
      const length = 1024 * 1024;
      function* bytes() { for (let at = 0; at < length; at += 1) yield Buffer.from(at === 0 || at === length - 1 ? '"' : 'a'); }
      Body.read(Readable.from(bytes()), length, (error, body) => console.log(error ?? body.json().length));
    `;
    const { stdout } = spawnSync(process.execPath, ['--max-old-space-size=48', '--input-type=module', '-e', script]);
    expect(stdout.toString()).toBe(`${1024 * 1024 - 2}\n`);
  });

  it('A6 is let go of, and what is left of it goes by', async () => {
    const stream = new PassThrough();
    const done = vi.fn();
    Body.read(stream, 100, done);
    stream.write('"first');
    await setImmediate();
    Body.forget(stream);
    stream.end(' and last"');
    await finished(stream);
    expect([done.mock.calls, stream.eventNames().includes('data')]).toEqual([[], false]);
  });

  it('may be as long as the limit, and no longer', async () => {
    expect((await bodyOf(inPieces('12345678', 3), 8)).json()).toBe(12345678);
    await expect(bodyOf(inPieces('123456789', 3), 8)).rejects.toMatchObject({ statusCode: 413 });
  });

  it.each([
    ['nothing', ''],
    ['half of it', '{"a":'],
  ])('is refused with 400 where it is %s', async (_name, text) => {
    const body = await bodyOf(inPieces(text, 3), 100);
    expect(() => body.json()).toThrow(expect.objectContaining({ statusCode: 400, message: 'the body is not JSON' }));
  });

  it('fails with 400 when its stream does', async () => {
    const broken = new Readable({
      read() {
        this.destroy(new Error('aborted'));
      },
    });
    const failed = new Promise((resolve) => {
      Body.read(broken, 100, resolve);
    });
    await expect(failed).resolves.toMatchObject({ message: 'aborted', statusCode: 400 });
  });
});
