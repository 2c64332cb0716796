/** Between watching and refusing: proves that the API server reaches Gateward, and changes what happens when it does not. Writes webhook configurations only. */
export * from './enforcement.ts';
