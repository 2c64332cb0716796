/** What is seen from outside: the log (pino) and the metrics (prom-client). Bodies of reviews never get here. */
export * from './log.ts';
export * from './metrics.ts';
