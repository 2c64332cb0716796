/** The rules of hostname ownership. */
export const MESSAGES = {
  'not-owned': {
    severity: 'high',
    why: 'Whoever serves a hostname receives its users, their cookies and their passwords.',
    text: '{{path}} {{claim}} belongs to {{owner}} (policy {{policy}}); {{namespace}} may use: {{allowed}}. Ask the owner for a delegation, or use a hostname you own',
  },
  unowned: {
    severity: 'medium',
    why: 'A hostname that nobody owns goes to whoever comes first, and nobody answers for it.',
    text: '{{path}} {{claim}} has no owner in the policy documents; {{namespace}} may use: {{allowed}}. Use one of those, or have the hostname added to owners',
  },
  'no-hostname': {
    severity: 'high',
    why: 'A route without hostnames serves every hostname of its listeners; a listener without one serves every hostname there is.',
    text: '{{path}} names none, so this {{kind}} would serve {{extent}}; {{namespace}} may use: {{allowed}}. Name the hostnames it is for',
  },
  conflict: {
    severity: 'high',
    why: 'Two owners under one name take requests from each other, and the one that loses sees no error.',
    text: '{{path}} {{claim}}: {{rival}}, of another owner, holds {{relation}}. Use a hostname that nobody else holds, or settle who owns it',
  },
  takeover: {
    severity: 'critical',
    why: 'An older object may add a hostname later, and a more specific one wins at any age: traffic moves and its receiver sees no error.',
    text: '{{path}} {{claim}} takes traffic from {{rival}}, of another owner, because {{reason}}. Use a hostname that nobody else holds, or have it handed over',
  },
  'invalid-hostname': {
    severity: 'medium',
    why: 'The CRDs let addresses and over-long labels pass, which no controller can serve; under a public suffix anybody may register names.',
    text: '{{path}} "{{hostname}}" {{problem}}',
  },
  'foreign-target': {
    severity: 'low',
    why: 'A redirect or rewrite to a hostname of somebody else sends them requests they did not ask for.',
    text: '{{path}} "{{hostname}}" belongs to {{owner}} (policy {{policy}}); {{namespace}} may send to: {{allowed}}, or to hostnames without an owner',
    off: true,
  },
} as const;
