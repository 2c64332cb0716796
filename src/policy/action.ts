/** What the operator wants done about a violation, strictest first. */
export const ACTIONS = ['Deny', 'Warn', 'Audit'] as const;
/** See {@link ACTIONS}. */
export type Action = (typeof ACTIONS)[number];

/** How grave the author of a policy holds a violation to be; the words of the report APIs. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
/** See {@link SEVERITIES}. */
export type Severity = (typeof SEVERITIES)[number];

/** The milder of two actions. */
export function atMost(action: Action, limit: Action | undefined): Action {
  return limit !== undefined && ACTIONS.indexOf(limit) > ACTIONS.indexOf(action) ? limit : action;
}

/** The stricter of two actions. */
export function stricter(a: Action, b: Action): Action {
  return ACTIONS.indexOf(a) <= ACTIONS.indexOf(b) ? a : b;
}
