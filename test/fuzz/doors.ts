import type { Door } from './door.ts';
import { byteDoor } from './byteDoor.ts';
import { fillerDoor } from './fillerDoor.ts';
import { hostnameDoor } from './hostnameDoor.ts';
import { logDoor } from './logDoor.ts';
import { matchDoor } from './matchDoor.ts';
import { overlayDoor } from './overlayDoor.ts';
import { patchDoor } from './patchDoor.ts';
import { reviewDoor } from './reviewDoor.ts';
import { ratchetDoor } from './ratchetDoor.ts';
import { selectorDoor } from './selectorDoor.ts';
import { yamlDoor } from './yamlDoor.ts';

/** Every door, made when it is tried. */
export const DOORS: readonly (() => Door)[] = [
  reviewDoor,
  byteDoor,
  fillerDoor,
  hostnameDoor,
  selectorDoor,
  overlayDoor,
  patchDoor,
  ratchetDoor,
  yamlDoor,
  logDoor,
  matchDoor,
];
