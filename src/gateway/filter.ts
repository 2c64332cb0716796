import type { BackendObjectReference } from './reference.ts';

/** A header and its value (http: HTTPHeader). */
export interface Header {
  readonly name: string;
  readonly value: string;
}

/** Header edits of a RequestHeaderModifier or ResponseHeaderModifier. */
export interface HeaderModifier {
  readonly set?: readonly Header[];
  readonly add?: readonly Header[];
  readonly remove?: readonly string[];
}

/** A redirect or rewrite of the path. */
export interface PathModifier {
  readonly type: string;
  readonly replaceFullPath?: string;
  readonly replacePrefixMatch?: string;
}

/** `requestRedirect` of an HTTPRoute filter. */
export interface RequestRedirect {
  readonly scheme?: string;
  readonly hostname?: string;
  readonly path?: PathModifier;
  readonly port?: number;
  readonly statusCode?: number;
}

/** A filter of an HTTPRoute or GRPCRoute rule or backendRef; `type` names the one field that is set. */
export interface RouteFilter {
  readonly type: string;
  readonly requestHeaderModifier?: HeaderModifier;
  readonly responseHeaderModifier?: HeaderModifier;
  readonly requestMirror?: {
    readonly backendRef: BackendObjectReference;
    readonly percent?: number;
    readonly fraction?: { readonly numerator: number; readonly denominator?: number };
  };
  readonly requestRedirect?: RequestRedirect;
  readonly urlRewrite?: { readonly hostname?: string; readonly path?: PathModifier };
  readonly cors?: Readonly<Record<string, unknown>>;
  readonly externalAuth?: { readonly protocol?: string; readonly backendRef: BackendObjectReference };
  readonly extensionRef?: { readonly group: string; readonly kind: string; readonly name: string };
}
