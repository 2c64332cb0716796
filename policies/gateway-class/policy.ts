import { namespaceKey } from '#gateway';
import {
  celAll,
  celAny,
  celNamespaceIn,
  celText,
  celTexts,
  definePolicy,
  exactlyOneOfNamespaces,
  namespaceIn,
  namespacesShape,
  requesterName,
  someOf,
} from '#policy';
import { z } from 'zod';

const classSchema = z
  .strictObject({
    name: z.string().min(1).describe('The name of the GatewayClass.'),
    ...namespacesShape,
  })
  .refine(...exactlyOneOfNamespaces);

/** What to do where the namespace may use some of the listed classes, and where it may use none. */
const CHOICE = '. Choose one of these, or ask for access';
const NO_CLASS = 'none of the classes that the policy lists. Ask for access, or choose a class that it does not list';

/** A class is a contract with a controller, its addresses and its bill (gw: gatewayClassName). */
export const gatewayClass = definePolicy({
  id: 'gateway-class',
  kind: 'GatewayClassAccess',
  summary: 'Gateways use only the classes that their namespace may use, and are created by those who may.',
  description: `A GatewayClass stands for a controller, its addresses and what they cost. Gateway API lets every namespace name every class; this policy
says who may. A class that no entry lists is free for all; an empty list leaves all of them free.

A class that is missing or not accepted is a warning at most: the class, or its controller, may come after the Gateway.`,
  subjects: ['Gateway'],
  reads: ['GatewayClass'],
  options: {
    classes: z
      .array(classSchema)
      .default([])
      .describe('Which namespaces may use which class. Several entries for one class add up.'),
    allowedGroups: z
      .array(z.string().min(1))
      .default([])
      .describe('Groups whose members may create Gateways at all; empty = anyone RBAC lets.'),
  },
  messages: {
    'class-not-allowed': {
      severity: 'high',
      why: 'The class belongs to other namespaces: its addresses, its controller, its bill.',
      text: '{{path}}: namespace {{namespace}} may not use class "{{class}}" (policy {{document}}); it may use {{allowed}}',
    },
    'creator-not-allowed': {
      severity: 'high',
      why: 'A Gateway opens ports to the world; few people should do so.',
      text: 'Gateways are created by {{allowed}} only (policy {{document}}); {{user}} is in none of them. Ask one of them to create it',
      needs: 'requester',
    },
    'class-missing': {
      severity: 'medium',
      why: 'No controller serves a Gateway whose class does not exist.',
      text: '{{path}}: there is no GatewayClass "{{class}}"; no controller will serve the Gateway. Create the class or correct the name',
      atMost: 'Warn',
    },
    'class-not-accepted': {
      severity: 'medium',
      why: 'A controller that refuses a class serves none of its Gateways.',
      text: '{{path}}: GatewayClass "{{class}}" is not accepted by its controller ({{reason}}); the Gateway will not be served until it is',
      atMost: 'Warn',
    },
  },
  bind: ({ options }) => options,
  backstop: ({ classes, allowedGroups }) => {
    const open = classes.map((entry) => `(${celNamespaceIn(entry)} ? [${celText(`"${entry.name}"`)}] : [])`);
    const classCheck = {
      rule: 'class-not-allowed' as const,
      items: (object: string) => `[${object}.spec.gatewayClassName]`,
      refused: (item: string) =>
        `${item} in ${celTexts([...new Set(classes.map(({ name }) => name))])} && !${celAny(
          classes.map((entry) => celAll([`${item} == ${celText(entry.name)}`, celNamespaceIn(entry)])),
        )}`,
      path: 'spec.gatewayClassName',
      data: (item: string) => ({
        namespace: 'request.namespace',
        class: item,
        allowed: `[${open.join(' + ')}].map(names, names.size() == 0 ? ${celText(NO_CLASS)} : names.join(', ') + ${celText(CHOICE)})[0]`,
      }),
    };
    const creatorCheck = {
      rule: 'creator-not-allowed' as const,
      items: () => `request.operation == 'CREATE' ? [request.userInfo.username] : []`,
      isNew: true as const,
      refused: () => `!request.userInfo.?groups.orValue([]).exists(group, group in ${celTexts(allowedGroups)})`,
      path: '',
      data: (item: string) => ({ allowed: celText(groupsOf(allowedGroups)), user: item }),
    };
    return {
      parts: [
        {
          kinds: ['Gateway'],
          checks: [
            ...(classes.length === 0 ? [] : [classCheck]),
            ...(allowedGroups.length === 0 ? [] : [creatorCheck]),
          ],
        },
      ],
      unsaid: {
        ...(classes.length === 0 ? { 'class-not-allowed': 'no class is listed' } : {}),
        ...(allowedGroups.length === 0 ? { 'creator-not-allowed': 'allowedGroups is empty' } : {}),
      },
    };
  },
  suggest: (subjects) => {
    const users = Map.groupBy(subjects, ({ object }) => object.spec.gatewayClassName);
    const classes = [...users].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      name: 'classes',
      comment: [
        'Which namespaces may use which GatewayClass, guessed from the Gateways that there are. A class that is not listed is free for all.',
        'Next: list the other classes, and name the groups that may create Gateways: allowedGroups.',
      ],
      spec: {
        classes: classes.map(([name, own]) => ({
          name,
          namespaces: [...new Set(own.map(({ namespace }) => namespace))].sort(),
        })),
      },
      notes: classes.map(([, own], at) => ({
        path: ['classes', at],
        text: `from ${someOf(own.map(({ namespace, object }) => `${namespace}/${object.metadata.name}`).sort())}`,
      })),
    };
  },
  *evaluate(subject, { bound, find, snapshot }) {
    const { requester, namespace } = subject;
    const { gatewayClassName } = subject.object.spec;
    const path = ['spec', 'gatewayClassName'];

    if (bound.allowedGroups.length > 0 && subject.operation === 'CREATE' && requester !== undefined) {
      if (!requester.groups.some((group) => bound.allowedGroups.includes(group))) {
        const allowed = groupsOf(bound.allowedGroups);
        yield find('creator-not-allowed', [], { allowed, user: requesterName(requester) });
      }
    }

    const access = bound.classes.map((entry) => ({
      name: entry.name,
      allows: namespaceIn(entry, namespace, snapshot),
    }));
    const ofClass = access.filter(({ name }) => name === gatewayClassName);
    if (ofClass.length > 0 && ofClass.every(({ allows }) => allows !== true)) {
      const listed = [...new Set(access.filter(({ allows }) => allows === true).map(({ name }) => `"${name}"`))];
      const hangsOnLabels = bound.classes.some(bySelector(gatewayClassName));
      yield find(
        'class-not-allowed',
        path,
        {
          namespace,
          class: gatewayClassName,
          allowed: listed.length > 0 ? `${listed.join(', ')}${CHOICE}` : NO_CLASS,
        },
        hangsOnLabels ? { restsOn: [namespaceKey(namespace)] } : {},
      );
    }

    const object = snapshot.get('GatewayClass', '', gatewayClassName);
    if (object === undefined) {
      const restsOn = [{ kind: 'GatewayClass', namespace: '', name: gatewayClassName }] as const;
      yield find('class-missing', path, { class: gatewayClassName }, { restsOn });
      return;
    }
    const accepted = object.status?.conditions?.find(({ type }) => type === 'Accepted');
    if (accepted?.status === 'False') {
      yield find('class-not-accepted', path, { class: gatewayClassName, reason: accepted.reason });
    }
  },
});

/** Whether an entry gives access to the class by labels: then a label that is set later changes the answer. */
function bySelector(className: string): (entry: z.infer<typeof classSchema>) => boolean {
  return (entry) => entry.name === className && entry.namespaceSelector !== undefined;
}

function groupsOf(names: readonly string[]): string {
  return names.map((group) => `group ${group}`).join(' or ');
}
