/**
 * Face 1: the admission server. TLS and its certificates, the HTTP app, readiness, drain, shedding, reloading of documents and state. It
 * holds no rules: a request is decoded by `admission`, judged by `engine`, and recorded by `telemetry`.
 */
export { runCertsDev } from './devCertificates.ts';
export { runServe } from './run.ts';
