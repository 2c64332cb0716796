#!/usr/bin/env node
/** The command as it is installed: says in one line when Node is too old, and keeps compiled code between runs. */
import { enableCompileCache } from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`gateward: needs Node 22.19 or later, this is ${process.versions.node}\n`);
  process.exit(2);
}
enableCompileCache();
void import('./main.ts');
