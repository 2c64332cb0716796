import { pino, type DestinationStream } from 'pino';

/** What is logged of one review: what was asked, what was answered, by which rules. Never an object's content. */
export interface ReviewRecord {
  readonly webhook: 'validate' | 'mutate' | 'documents';
  readonly uid: string;
  readonly operation: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
  readonly allowed: boolean;
  /** Rule ids that denied or warned, or why nothing was judged. */
  readonly rules: readonly string[];
  /** The objects in other namespaces that a denial is about; they are not told to the requester. */
  readonly related: readonly string[];
  /** Documents that could not be judged, each with the reason. */
  readonly errors: readonly string[];
  /** What the verdict rests on that may be behind the cluster. */
  readonly stale: readonly string[];
  readonly milliseconds: number;
}

/** A level of the log: from here on lines are written, least severe last. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'silent';

/** The log of a server: NDJSON with static messages. */
export interface Log {
  /** One line for a review. */
  readonly review: (record: ReviewRecord) => void;
  readonly info: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  readonly warn: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
  /** `error` is logged with its stack. */
  readonly error: (message: string, error: unknown) => void;
  /** Hands everything that is still held to the destination. */
  readonly flush: () => void;
}

/** Longest value that is logged of one field that a caller chose. */
const VALUE_LIMIT = 256;
/** Most entries that are logged of one list. */
const LIST_LIMIT = 16;
/** Most characters of one list as it is written, but for its last entry: a line of nothing but hostile texts stays below 8 KiB. */
const LIST_LENGTH = 1024;
const PLAIN = /^[\x20-\x7e]*$/;
/** What stands for itself between the quotes of a JSON text. */
const QUOTABLE = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** Text that is held before it is written, in characters, and for how long at most, in milliseconds: a write for each line costs more than
 * the line. */
const HELD = 64 * 1024;
const HELD_FOR = 200;
/** Text that is kept for a destination that takes none (a full disk, a pipe that nobody reads), in bytes; what comes then is lost. */
const KEPT = 4 * 1024 * 1024;

/** A log that writes to a file (path or descriptor) or a stream. */
export function createLog(destination: number | string | DestinationStream, level: LogLevel): Log {
  const stream = typeof destination === 'object' ? destination : heldFile(destination);
  const logger = pino({ base: null, level, timestamp: pino.stdTimeFunctions.isoTime }, stream);
  return {
    review: (record) => {
      if (logger.isLevelEnabled('info')) stream.write(reviewLine(record));
    },
    info: (message, fields = {}) => {
      logger.info(fields, message);
    },
    warn: (message, fields = {}) => {
      logger.warn(fields, message);
    },
    error: (message, error) => {
      logger.error({ err: error }, message);
    },
    flush: () => {
      logger.flush();
    },
  };
}

/** Put together by hand, as pino would: this one line is written for every review, and pino takes three times as long. */
function reviewLine(record: ReviewRecord): string {
  const { webhook, uid, operation, kind, namespace, name, allowed, dryRun, rules, related, errors, stale } = record;
  const object = namespace === '' ? name : `${namespace}/${name}`;
  const lists =
    (rules.length === 0 ? '' : `,"rules":${listed(rules)}`) +
    (related.length === 0 ? '' : `,"related":${listed(related)}`) +
    (errors.length === 0 ? '' : `,"errors":${listed(errors)}`) +
    (stale.length === 0 ? '' : `,"stale":${listed(stale)}`);
  return (
    `{"level":${pino.levels.values['info'] ?? 30},"time":"${isoTime()}","webhook":"${webhook}","uid":${quoted(uid)},` +
    `"operation":${quoted(operation)},"kind":${quoted(kind)},"object":${quoted(object)},"allowed":${allowed ? 'true' : 'false'}` +
    `${dryRun ? ',"dryRun":true' : ''}${lists},"ms":${Math.round(record.milliseconds * 1000) / 1000},"msg":"review"}\n`
  );
}

let lastTime = { milliseconds: 0, text: '' };

function isoTime(): string {
  const milliseconds = Date.now();
  if (milliseconds !== lastTime.milliseconds) lastTime = { milliseconds, text: new Date(milliseconds).toISOString() };
  return lastTime.text;
}

/** A file whose lines are held before they are handed on: the stream below measures all that it holds anew with each write. */
function heldFile(dest: number | string): DestinationStream & { readonly flush: () => void } {
  const file = pino.destination({
    dest,
    sync: false,
    append: true,
    minLength: HELD,
    maxWrite: 2 * HELD,
    maxLength: KEPT,
  });
  // Nobody can be told that the log cannot be written, and reviews do not wait for it. At the end pino would try for ever.
  const flushSync = file.flushSync.bind(file);
  file.on('error', () => {
    file.flushSync = () => undefined;
  });
  file.on('write', () => {
    file.flushSync = flushSync;
  });
  let held = '';
  const handOn = (): void => {
    if (held !== '') file.write(held);
    held = '';
  };
  const flush = (): void => {
    handOn();
    file.flush();
  };
  setInterval(flush, HELD_FOR).unref();
  return {
    write: (line) => {
      held += line;
      if (held.length > HELD / 8) handOn();
    },
    flush,
  };
}

function listed(values: readonly string[]): string {
  const shown: string[] = [];
  let length = 0;
  for (const value of values) {
    if (shown.length === LIST_LIMIT || length > LIST_LENGTH) break;
    const text = quoted(value);
    shown.push(text);
    length += text.length;
  }
  const more = values.length - shown.length;
  return `[${shown.join(',')}${more > 0 ? `,"and ${more} more"` : ''}]`;
}

function quoted(value: string): string {
  return value.length <= VALUE_LIMIT && QUOTABLE.test(value) ? `"${value}"` : JSON.stringify(plain(value));
}

/**
 * Bounded text in printable ASCII: a log is read in terminals, where other characters can move the cursor. The bound holds for what is
 * written, but for the escapes of JSON.
 */
function plain(value: string): string {
  if (value.length <= VALUE_LIMIT && PLAIN.test(value)) return value;
  const shown = value
    .slice(0, VALUE_LIMIT)
    .replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return value.length > VALUE_LIMIT || shown.length > VALUE_LIMIT ? `${shown.slice(0, VALUE_LIMIT)}...` : shown;
}
