import { setFlagsFromString } from 'node:v8';

// How V8 is to keep the heap of a server; `npm run bench:live` has the figures, for 100,000 routes and 5,000 changes a second.

/**
 * All that a first list makes is kept, most of what a change makes is not. V8 takes the one for a sign of the other, puts what is dead at once with
 * what lives long, and has to collect that twice as often.
 */
export function keepApartWhatIsNew(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}

/**
 * What lives long is collected when it has grown by 70 % instead of by some 35: each time slows reviews down for 300 ms. For the replica that
 * audits; the others have less to do, and are to stay small.
 */
export function collectRarely(is: boolean): void {
  setFlagsFromString(`--heap-growing-percent=${is ? 70 : 0}`);
}
