import 'reflect-metadata';
import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A CA of a test. */
export interface TestCa {
  readonly pem: string;
  /** Good from a day ago, or from so many milliseconds from now. */
  readonly issue: (
    name: string,
    days?: number,
    begins?: number,
  ) => Promise<{ readonly cert: string; readonly key: string }>;
}

/** Makes a CA that issues leaves for `localhost` and 127.0.0.1, good for servers and clients. */
export async function testCa(name = 'test CA'): Promise<TestCa> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const day = 86_400_000;
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + 30 * day),
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  });
  return {
    pem: ca.toString('pem'),
    issue: async (leafName, days = 7, begins = -day) => {
      const leafKeys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      const leaf = await x509.X509CertificateGenerator.create({
        subject: `CN=${leafName}`,
        issuer: ca.subject,
        publicKey: leafKeys.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        notBefore: new Date(Date.now() + begins),
        notAfter: new Date(Date.now() + days * day),
        extensions: [
          new x509.SubjectAlternativeNameExtension([
            { type: 'dns', value: 'localhost' },
            { type: 'ip', value: '127.0.0.1' },
          ]),
        ],
      });
      const pkcs8 = await crypto.subtle.exportKey('pkcs8', leafKeys.privateKey);
      return { cert: leaf.toString('pem'), key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') };
    },
  };
}

/** A fresh folder for files of a test. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'gateward-test-'));
}

/** Writes a file beside and renames it over the old one. */
export function writeFile(folder: string, name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
  return file;
}
