import { styleText } from 'node:util';
import type { Mark } from '../report/statusTable.ts';
import type { Io } from '../telemetry/io.ts';

/** Red on a terminal that shows colours (https://no-color.org), else nothing. */
export function markFor({ env, isTTY }: Io): Mark {
  const isPlain = (env['NO_COLOR'] ?? '') !== '' || !isTTY.stdout || env['TERM'] === 'dumb';
  return isPlain ? (text) => text : (text) => styleText('red', text, { validateStream: false });
}
