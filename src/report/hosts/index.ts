/** Hostnames in use, and who owns them: the values, and the text, JSON, CSV and Markdown of them. Pure: the time is passed in. */
export { listHosts, type HostFilter } from './hosts.ts';
export { renderHostsJson } from './json.ts';
export { renderHostsCsv, renderHostsMarkdown } from './tables.ts';
export { renderHostsText } from './text.ts';
export { answerHostname, renderAnswerJson, renderAnswerText } from './whoOwns.ts';
