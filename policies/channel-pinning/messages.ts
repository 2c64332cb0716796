/** The rules of channel pinning; those of CRDs begin with `crd-`. */
export const MESSAGES = {
  'kind-not-in-channel': {
    severity: 'medium',
    why: 'Where the pinned CRDs are installed the kind does not exist, and the object cannot be applied.',
    text: 'kind {{kind}} is not in {{release}} ({{where}}); leave the object out, or allow the kind in ChannelPin {{document}}',
  },
  'version-not-served': {
    severity: 'medium',
    why: 'A version that the pinned CRDs do not serve cannot be applied, and tools that read it stop working.',
    text: '{{kind}} {{apiVersion}} is not served by {{release}} (served: {{where}}); use {{use}}',
  },
  'field-not-in-channel': {
    severity: 'medium',
    why: 'Where the pinned CRDs are installed the API server drops the field without a word, and the route behaves otherwise than written.',
    text: '{{path}}: {{kind}} has no {{field}} in {{release}} ({{where}}); the API server drops it without a word. Leave it out, or allow it in ChannelPin {{document}}',
  },
  'value-not-in-channel': {
    severity: 'medium',
    why: 'Where the pinned CRDs are installed the API server refuses the value.',
    text: '{{path}}: {{field}} of {{kind}} does not take {{value}} in {{release}} ({{where}}); use another value, or allow it in ChannelPin {{document}}',
  },
  'crd-channel': {
    severity: 'high',
    why: 'The same kind and version has other fields in the other channel; changing it changes what every object may hold.',
    text: '{{path}} of the CRD of {{kind}} says {{found}}, and ChannelPin {{document}} pins {{channel}}; install the CRD of the {{channel}} channel, or leave it out where that has none',
  },
  'crd-version': {
    severity: 'high',
    why: 'Controllers and manifests are tested with certain bundles; another one may lack what they use.',
    text: '{{path}} of the CRD of {{kind}} says {{found}}, which is {{problem}} the versions {{range}} of ChannelPin {{document}}; install a bundle of these, or widen crds.versions',
  },
  'crd-downgrade': {
    severity: 'high',
    why: 'An older CRD drops fields that objects were written with.',
    text: '{{path}} of the CRD of {{kind}} goes back from {{old}} to {{new}}; objects may hold what the older bundle has not. Keep {{old}}, or a later one',
    needs: 'change',
  },
  'crd-mixed': {
    severity: 'low',
    why: 'Kinds refer to each other, and releases are tested as a whole. While bundles are upgraded CRD by CRD a mix cannot be avoided, so this never denies.',
    text: 'the CRD of {{kind}} is of {{release}}, beside {{others}}; bring all CRDs of both groups to one bundle and channel',
    atMost: 'Warn',
  },
  'crd-schema': {
    severity: 'critical',
    why: 'The annotations are self-declared; the schema decides which fields exist.',
    text: '{{path}} of the CRD of {{kind}} is not that of {{claimed}}, as its annotations say: {{contradiction}}. Apply the CRD as it was released',
  },
  'crd-stored-version': {
    severity: 'critical',
    why: 'Objects that are stored in a version which the CRD no longer has cannot be read, nor deleted.',
    text: '{{path}} of the CRD of {{kind}} no longer has {{versions}}, in which objects are stored; write them again in another version and take it out of status.storedVersions first',
    needs: 'change',
  },
  'crd-not-upgradable': {
    severity: 'high',
    why: 'The API server refuses a CRD without a version that status.storedVersions names, so that the pinned bundle cannot be installed.',
    text: '{{path}} of the CRD of {{kind}} names {{versions}}, which {{release}} does not have; its CRD will be refused. Write the objects again in {{use}} and take {{versions}} out of status.storedVersions first',
  },
  'crd-fields-in-use': {
    severity: 'critical',
    why: 'Fields that a CRD no longer has vanish from view at once, and from the objects at their next write.',
    text: '{{path}} of the CRD of {{kind}} drops what is in use by {{users}}: {{fields}}. Take it out of there first, or keep the CRD',
    needs: 'change',
  },
  'crd-in-use': {
    severity: 'critical',
    why: 'With a CRD the API server deletes all objects of its kind.',
    text: 'the CRD of {{kind}} takes {{users}} with it when it goes. Delete what is to go first, or keep the CRD',
    needs: 'change',
  },
} as const;
