/** The rules of listener safety. */
export const MESSAGES = {
  conflict: {
    severity: 'high',
    why: 'Listeners of one port that cannot be told apart are not served: within one object all lose, else the later one.',
    text: '{{path}}: listener "{{listener}}" conflicts with {{others}} on port {{port}} ({{reason}}) and will not serve. Give it {{remedy}} of its own',
  },
  'from-all': {
    severity: 'high',
    why: 'Every namespace may attach: anybody who may create a route publishes under this listener.',
    text: '{{path}}: {{what}} admits every namespace. Use from: Selector with a label that only trusted people may set, or Same',
  },
  'selector-missing': {
    severity: 'medium',
    why: 'from: Selector without a selector admits nobody; the API server does not say so.',
    text: '{{path}}: from is Selector, but there is no selector, so no namespace is admitted. Add one',
  },
  'kind-mismatch': {
    severity: 'medium',
    why: 'A listener serves the route kinds of its protocol only; others are ignored.',
    text: '{{path}}: {{kind}} cannot attach to a listener of protocol {{protocol}}. Remove it, or change the protocol',
  },
  'tls-mode': {
    severity: 'medium',
    why: 'TLS settings that do not fit the protocol or mode make a listener that cannot serve, or certificates that nobody uses.',
    text: '{{path}}: {{problem}}',
  },
  certificate: {
    severity: 'high',
    why: 'A listener whose certificate cannot be used, or does not fit its hostname, serves nobody or with warnings.',
    text: '{{path}}: {{problem}}. Mend that, or name another',
  },
  port: {
    severity: 'medium',
    why: 'Ports open the network; which ones is for the platform to say.',
    text: '{{path}}: port {{port}} is not one of {{allowed}} (policy {{document}})',
  },
  protocol: {
    severity: 'medium',
    why: 'Protocols without names cannot be shared or inspected; which ones are used is for the platform to say.',
    text: '{{path}}: protocol {{protocol}} is not one of {{allowed}} (policy {{document}})',
  },
  'no-hostname': {
    severity: 'low',
    why: 'A listener without a hostname serves whatever name a route claims.',
    text: '{{path}}: listener "{{listener}}" has no hostname, so it serves every name that its routes claim. Set one, such as *.example.com',
  },
  'too-many': {
    severity: 'low',
    why: 'Implementations serve a limited number of listeners on one Gateway.',
    text: '{{path}}: the Gateway, its ListenerSets included, has more than {{most}} listeners (policy {{document}}). Divide them among several Gateways',
  },
} as const;
