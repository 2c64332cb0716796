/** The rules of reference grants. */
export const MESSAGES = {
  'unnamed-target': {
    severity: 'high',
    why: 'A target without a name opens every object of the kind, those to come included: with Secrets, every private key.',
    text: '{{path}} is missing, so the grant opens every {{kind}} of {{namespace}}, present and future{{newly}}. Name the targets that are meant',
  },
  'pair-not-allowed': {
    severity: 'high',
    why: 'A grant crosses the border between two teams; which crossings there may be is decided once, for all.',
    text: '{{path}} lets {{from}} refer to {{to}} of {{namespace}}{{newly}}, which policy {{document}} does not allow. It allows {{allowed}}',
  },
  'too-wide': {
    severity: 'medium',
    why: 'Every from goes with every to: merging two relations into one grant opens four.',
    text: '{{path}} opens more than {{limit}} pairs: every from goes with every to. Write one grant for each relation',
  },
  'self-grant': {
    severity: 'low',
    why: 'References within a namespace need no grant; an entry that says otherwise hides what the grant is for.',
    text: '{{path}} is the namespace of the grant itself, which needs no grant. Remove the entry',
    atMost: 'Warn',
  },
  'unknown-kind': {
    severity: 'low',
    why: 'A grant compares group and kind as strings; misspelt ones permit nothing, and nobody is told.',
    text: '{{path}}: {{written}} {{advice}}',
    atMost: 'Warn',
  },
  unused: {
    severity: 'low',
    why: 'A door that nobody uses is open to whoever comes.',
    text: '{{path}}: nothing uses {{part}}. Remove it, unless its route is still to come',
    atMost: 'Warn',
  },
  'wider-than-used': {
    severity: 'low',
    why: 'Every from goes with every to: what looks like two relations permits four.',
    text: '{{path}} opens pairs that nothing uses: {{pairs}}. Write one grant for each relation; gateward grants prints them',
    atMost: 'Warn',
  },
  'in-use': {
    severity: 'high',
    why: 'A grant that goes takes effect at once: the routes and listeners that used it lose their targets.',
    text: '{{change}} breaks {{users}}: no other grant lets them refer to {{targets}}. Move them first, or keep what they use',
    needs: 'change',
  },
} as const;
