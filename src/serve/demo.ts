import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What `serve --demo` runs on; all of it is shipped with Gateward. */
export interface DemoFiles {
  readonly policies: readonly string[];
  readonly state: string;
  /** An AdmissionReview that is denied. */
  readonly review: string;
}

/** The files of the demonstration, found from where this module stands: beside the sources, or below `dist`. */
export function demoFiles(): DemoFiles {
  let root = import.meta.dirname;
  while (!existsSync(join(root, 'package.json')) && dirname(root) !== root) root = dirname(root);
  const example = join(root, 'deploy', 'example');
  return {
    policies: [join(root, 'policies', 'baseline.yaml'), join(example, 'policies.yaml')],
    state: join(example, 'state'),
    review: join(example, 'review.json'),
  };
}

/** The lines that greet whoever runs the demonstration: the address, and a command that shows a denial when it is pasted. */
export function greeting(port: number, ca: string, review: string): string {
  const url = `https://localhost:${port}`;
  return `Gateward serves ${url}

Try it: a route of team-shop that claims the hostname of team-pay

  curl -sS --cacert '${ca}' -H 'Content-Type: application/json' --data-binary '@${review}' ${url}/validate

Ctrl-C ends it.
`;
}
