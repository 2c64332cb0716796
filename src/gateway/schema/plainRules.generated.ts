// Written by npm run generate.
import {
  count,
  duration,
  each,
  equal,
  field,
  has,
  isAmong,
  isIP,
  item,
  matches,
  number,
  size,
  substring,
  text,
} from './plainTerms.ts';

/** By rule: whether it holds of a value. False, and an error, mean that CEL has to be asked. */
export const PLAIN_RULES: Readonly<Record<string, (self: unknown) => boolean>> = {
  'self.type == \'Hostname\' ? (!has(self.value) || self.value.matches(r"""^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$""")): true':
    (self) =>
      equal(field(self, 'type'), 'Hostname')
        ? !has(self, 'value') ||
          matches(field(self, 'value'), '^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')
        : true,
  "self.all(a1, a1.type == 'IPAddress' && has(a1.value) ? self.exists_one(a2, a2.type == a1.type && has(a2.value) && a2.value == a1.value) : true )":
    (self) =>
      each(self).every((a1) =>
        equal(field(a1, 'type'), 'IPAddress') && has(a1, 'value')
          ? count(
              self,
              (a2) =>
                equal(field(a2, 'type'), field(a1, 'type')) &&
                has(a2, 'value') &&
                equal(field(a2, 'value'), field(a1, 'value')),
            ) === 1
          : true,
      ),
  "self.all(a1, a1.type == 'Hostname'  && has(a1.value) ? self.exists_one(a2, a2.type == a1.type && has(a2.value) && a2.value == a1.value) : true )":
    (self) =>
      each(self).every((a1) =>
        equal(field(a1, 'type'), 'Hostname') && has(a1, 'value')
          ? count(
              self,
              (a2) =>
                equal(field(a2, 'type'), field(a1, 'type')) &&
                has(a2, 'value') &&
                equal(field(a2, 'value'), field(a1, 'value')),
            ) === 1
          : true,
      ),
  'self.all(key, key.matches(r"""^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$"""))':
    (self) =>
      each(self).every((key) =>
        matches(
          key,
          '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$',
        ),
      ),
  'self.all(key, key.split("/")[0].size() < 253)': (self) =>
    each(self).every((key) => size(item(text(key).split('/'), 0)) < 253),
  "self.mode == 'Terminate' ? size(self.certificateRefs) > 0 || size(self.options) > 0 : true": (self) =>
    equal(field(self, 'mode'), 'Terminate')
      ? size(field(self, 'certificateRefs')) > 0 || size(field(self, 'options')) > 0
      : true,
  "self.all(l, l.protocol in ['HTTP', 'TCP', 'UDP'] ? !has(l.tls) : true)": (self) =>
    each(self).every((l) => (isAmong(field(l, 'protocol'), ['HTTP', 'TCP', 'UDP']) ? !has(l, 'tls') : true)),
  "self.all(l, (l.protocol == 'HTTPS' && has(l.tls)) ? (l.tls.mode == '' || l.tls.mode == 'Terminate') : true)": (
    self,
  ) =>
    each(self).every((l) =>
      equal(field(l, 'protocol'), 'HTTPS') && has(l, 'tls')
        ? equal(field(field(l, 'tls'), 'mode'), '') || equal(field(field(l, 'tls'), 'mode'), 'Terminate')
        : true,
    ),
  "self.all(l, (l.protocol == 'TLS' ? has(l.tls) && has(l.tls.mode) && l.tls.mode != '' : true))": (self) =>
    each(self).every((l) =>
      equal(field(l, 'protocol'), 'TLS')
        ? has(l, 'tls') && has(field(l, 'tls'), 'mode') && !equal(field(field(l, 'tls'), 'mode'), '')
        : true,
    ),
  "self.all(l, l.protocol in ['TCP', 'UDP']  ? (!has(l.hostname) || l.hostname == '') : true)": (self) =>
    each(self).every((l) =>
      isAmong(field(l, 'protocol'), ['TCP', 'UDP']) ? !has(l, 'hostname') || equal(field(l, 'hostname'), '') : true,
    ),
  'self.all(l1, self.exists_one(l2, l1.name == l2.name))': (self) =>
    each(self).every((l1) => count(self, (l2) => equal(field(l1, 'name'), field(l2, 'name'))) === 1),
  'self.all(l1, self.exists_one(l2, l1.port == l2.port && l1.protocol == l2.protocol && (has(l1.hostname) && has(l2.hostname) ? l1.hostname == l2.hostname : !has(l1.hostname) && !has(l2.hostname))))':
    (self) =>
      each(self).every(
        (l1) =>
          count(
            self,
            (l2) =>
              equal(field(l1, 'port'), field(l2, 'port')) &&
              equal(field(l1, 'protocol'), field(l2, 'protocol')) &&
              (has(l1, 'hostname') && has(l2, 'hostname')
                ? equal(field(l1, 'hostname'), field(l2, 'hostname'))
                : !has(l1, 'hostname') && !has(l2, 'hostname')),
          ) === 1,
      ),
  'self.all(t1, self.exists_one(t2, t1.port == t2.port))': (self) =>
    each(self).every((t1) => count(self, (t2) => equal(field(t1, 'port'), field(t2, 'port'))) === 1),
  'self.type == \'Hostname\' ? self.value.matches(r"""^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"""): true':
    (self) =>
      equal(field(self, 'type'), 'Hostname')
        ? matches(field(self, 'value'), '^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')
        : true,
  "self.all(p1, self.all(p2, p1.group == p2.group && p1.kind == p2.kind && p1.name == p2.name && (((!has(p1.__namespace__) || p1.__namespace__ == '') && (!has(p2.__namespace__) || p2.__namespace__ == '')) || (has(p1.__namespace__) && has(p2.__namespace__) && p1.__namespace__ == p2.__namespace__ )) ? ((!has(p1.sectionName) || p1.sectionName == '') == (!has(p2.sectionName) || p2.sectionName == '')) : true))":
    (self) =>
      each(self).every((p1) =>
        each(self).every((p2) =>
          equal(field(p1, 'group'), field(p2, 'group')) &&
          equal(field(p1, 'kind'), field(p2, 'kind')) &&
          equal(field(p1, 'name'), field(p2, 'name')) &&
          (((!has(p1, 'namespace') || equal(field(p1, 'namespace'), '')) &&
            (!has(p2, 'namespace') || equal(field(p2, 'namespace'), ''))) ||
            (has(p1, 'namespace') && has(p2, 'namespace') && equal(field(p1, 'namespace'), field(p2, 'namespace'))))
            ? equal(
                !has(p1, 'sectionName') || equal(field(p1, 'sectionName'), ''),
                !has(p2, 'sectionName') || equal(field(p2, 'sectionName'), ''),
              )
            : true,
        ),
      ),
  "self.all(p1, self.exists_one(p2, p1.group == p2.group && p1.kind == p2.kind && p1.name == p2.name && (((!has(p1.__namespace__) || p1.__namespace__ == '') && (!has(p2.__namespace__) || p2.__namespace__ == '')) || (has(p1.__namespace__) && has(p2.__namespace__) && p1.__namespace__ == p2.__namespace__ )) && (((!has(p1.sectionName) || p1.sectionName == '') && (!has(p2.sectionName) || p2.sectionName == '')) || (has(p1.sectionName) && has(p2.sectionName) && p1.sectionName == p2.sectionName))))":
    (self) =>
      each(self).every(
        (p1) =>
          count(
            self,
            (p2) =>
              equal(field(p1, 'group'), field(p2, 'group')) &&
              equal(field(p1, 'kind'), field(p2, 'kind')) &&
              equal(field(p1, 'name'), field(p2, 'name')) &&
              (((!has(p1, 'namespace') || equal(field(p1, 'namespace'), '')) &&
                (!has(p2, 'namespace') || equal(field(p2, 'namespace'), ''))) ||
                (has(p1, 'namespace') &&
                  has(p2, 'namespace') &&
                  equal(field(p1, 'namespace'), field(p2, 'namespace')))) &&
              (((!has(p1, 'sectionName') || equal(field(p1, 'sectionName'), '')) &&
                (!has(p2, 'sectionName') || equal(field(p2, 'sectionName'), ''))) ||
                (has(p1, 'sectionName') &&
                  has(p2, 'sectionName') &&
                  equal(field(p1, 'sectionName'), field(p2, 'sectionName')))),
          ) === 1,
      ),
  "!('*' in self && self.size() > 1)": (self) => !(isAmong('*', self) && size(self) > 1),
  "(size(self.group) == 0 && self.kind == 'Service') ? has(self.port) : true": (self) =>
    equal(size(field(self, 'group')), 0) && equal(field(self, 'kind'), 'Service') ? has(self, 'port') : true,
  'self.numerator <= self.denominator': (self) =>
    number(field(self, 'numerator')) <= number(field(self, 'denominator')),
  '!(has(self.percent) && has(self.fraction))': (self) => !(has(self, 'percent') && has(self, 'fraction')),
  "self.type == 'ReplaceFullPath' ? has(self.replaceFullPath) : true": (self) =>
    equal(field(self, 'type'), 'ReplaceFullPath') ? has(self, 'replaceFullPath') : true,
  "has(self.replaceFullPath) ? self.type == 'ReplaceFullPath' : true": (self) =>
    has(self, 'replaceFullPath') ? equal(field(self, 'type'), 'ReplaceFullPath') : true,
  "self.type == 'ReplacePrefixMatch' ? has(self.replacePrefixMatch) : true": (self) =>
    equal(field(self, 'type'), 'ReplacePrefixMatch') ? has(self, 'replacePrefixMatch') : true,
  "has(self.replacePrefixMatch) ? self.type == 'ReplacePrefixMatch' : true": (self) =>
    has(self, 'replacePrefixMatch') ? equal(field(self, 'type'), 'ReplacePrefixMatch') : true,
  "!(has(self.cors) && self.type != 'CORS')": (self) => !(has(self, 'cors') && !equal(field(self, 'type'), 'CORS')),
  "!(!has(self.cors) && self.type == 'CORS')": (self) => !(!has(self, 'cors') && equal(field(self, 'type'), 'CORS')),
  "!(has(self.requestHeaderModifier) && self.type != 'RequestHeaderModifier')": (self) =>
    !(has(self, 'requestHeaderModifier') && !equal(field(self, 'type'), 'RequestHeaderModifier')),
  "!(!has(self.requestHeaderModifier) && self.type == 'RequestHeaderModifier')": (self) =>
    !(!has(self, 'requestHeaderModifier') && equal(field(self, 'type'), 'RequestHeaderModifier')),
  "!(has(self.responseHeaderModifier) && self.type != 'ResponseHeaderModifier')": (self) =>
    !(has(self, 'responseHeaderModifier') && !equal(field(self, 'type'), 'ResponseHeaderModifier')),
  "!(!has(self.responseHeaderModifier) && self.type == 'ResponseHeaderModifier')": (self) =>
    !(!has(self, 'responseHeaderModifier') && equal(field(self, 'type'), 'ResponseHeaderModifier')),
  "!(has(self.requestMirror) && self.type != 'RequestMirror')": (self) =>
    !(has(self, 'requestMirror') && !equal(field(self, 'type'), 'RequestMirror')),
  "!(!has(self.requestMirror) && self.type == 'RequestMirror')": (self) =>
    !(!has(self, 'requestMirror') && equal(field(self, 'type'), 'RequestMirror')),
  "!(has(self.requestRedirect) && self.type != 'RequestRedirect')": (self) =>
    !(has(self, 'requestRedirect') && !equal(field(self, 'type'), 'RequestRedirect')),
  "!(!has(self.requestRedirect) && self.type == 'RequestRedirect')": (self) =>
    !(!has(self, 'requestRedirect') && equal(field(self, 'type'), 'RequestRedirect')),
  "!(has(self.urlRewrite) && self.type != 'URLRewrite')": (self) =>
    !(has(self, 'urlRewrite') && !equal(field(self, 'type'), 'URLRewrite')),
  "!(!has(self.urlRewrite) && self.type == 'URLRewrite')": (self) =>
    !(!has(self, 'urlRewrite') && equal(field(self, 'type'), 'URLRewrite')),
  "!(has(self.extensionRef) && self.type != 'ExtensionRef')": (self) =>
    !(has(self, 'extensionRef') && !equal(field(self, 'type'), 'ExtensionRef')),
  "!(!has(self.extensionRef) && self.type == 'ExtensionRef')": (self) =>
    !(!has(self, 'extensionRef') && equal(field(self, 'type'), 'ExtensionRef')),
  "!(self.exists(f, f.type == 'RequestRedirect') && self.exists(f, f.type == 'URLRewrite'))": (self) =>
    !(
      each(self).some((f) => equal(field(f, 'type'), 'RequestRedirect')) &&
      each(self).some((f) => equal(field(f, 'type'), 'URLRewrite'))
    ),
  "self.filter(f, f.type == 'CORS').size() <= 1": (self) =>
    size(each(self).filter((f) => equal(field(f, 'type'), 'CORS'))) <= 1,
  "self.filter(f, f.type == 'RequestHeaderModifier').size() <= 1": (self) =>
    size(each(self).filter((f) => equal(field(f, 'type'), 'RequestHeaderModifier'))) <= 1,
  "self.filter(f, f.type == 'ResponseHeaderModifier').size() <= 1": (self) =>
    size(each(self).filter((f) => equal(field(f, 'type'), 'ResponseHeaderModifier'))) <= 1,
  "self.filter(f, f.type == 'RequestRedirect').size() <= 1": (self) =>
    size(each(self).filter((f) => equal(field(f, 'type'), 'RequestRedirect'))) <= 1,
  "self.filter(f, f.type == 'URLRewrite').size() <= 1": (self) =>
    size(each(self).filter((f) => equal(field(f, 'type'), 'URLRewrite'))) <= 1,
  "(self.type in ['Exact','PathPrefix']) ? self.value.startsWith('/') : true": (self) =>
    isAmong(field(self, 'type'), ['Exact', 'PathPrefix']) ? text(field(self, 'value')).startsWith('/') : true,
  "(self.type in ['Exact','PathPrefix']) ? !self.value.contains('//') : true": (self) =>
    isAmong(field(self, 'type'), ['Exact', 'PathPrefix']) ? !text(field(self, 'value')).includes('//') : true,
  "(self.type in ['Exact','PathPrefix']) ? !self.value.contains('/./') : true": (self) =>
    isAmong(field(self, 'type'), ['Exact', 'PathPrefix']) ? !text(field(self, 'value')).includes('/./') : true,
  "(self.type in ['Exact','PathPrefix']) ? !self.value.contains('/../') : true": (self) =>
    isAmong(field(self, 'type'), ['Exact', 'PathPrefix']) ? !text(field(self, 'value')).includes('/../') : true,
  "(self.type in ['Exact','PathPrefix']) ? !self.value.contains('%2f') : true": (self) =>
    isAmong(field(self, 'type'), ['Exact', 'PathPrefix']) ? !text(field(self, 'value')).includes('%2f') : true,
  "(self.type in ['Exact','PathPrefix']) ? !self.value.contains('%2F') : true": (self) =>
    isAmong(field(self, 'type'), ['Exact', 'PathPrefix']) ? !text(field(self, 'value')).includes('%2F') : true,
  "(self.type in ['Exact','PathPrefix']) ? !self.value.contains('#') : true": (self) =>
    isAmong(field(self, 'type'), ['Exact', 'PathPrefix']) ? !text(field(self, 'value')).includes('#') : true,
  "(self.type in ['Exact','PathPrefix']) ? !self.value.endsWith('/..') : true": (self) =>
    isAmong(field(self, 'type'), ['Exact', 'PathPrefix']) ? !text(field(self, 'value')).endsWith('/..') : true,
  "(self.type in ['Exact','PathPrefix']) ? !self.value.endsWith('/.') : true": (self) =>
    isAmong(field(self, 'type'), ['Exact', 'PathPrefix']) ? !text(field(self, 'value')).endsWith('/.') : true,
  "self.type in ['Exact','PathPrefix'] || self.type == 'RegularExpression'": (self) =>
    isAmong(field(self, 'type'), ['Exact', 'PathPrefix']) || equal(field(self, 'type'), 'RegularExpression'),
  '(self.type in [\'Exact\',\'PathPrefix\']) ? self.value.matches(r"""^(?:[-A-Za-z0-9/._~!$&\'()*+,;=:@]|[%][0-9a-fA-F]{2})+$""") : true':
    (self) =>
      isAmong(field(self, 'type'), ['Exact', 'PathPrefix'])
        ? matches(field(self, 'value'), "^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$")
        : true,
  "!(has(self.request) && has(self.backendRequest) && duration(self.request) != duration('0s') && duration(self.backendRequest) > duration(self.request))":
    (self) =>
      !(
        has(self, 'request') &&
        has(self, 'backendRequest') &&
        !equal(duration(field(self, 'request')), duration('0s')) &&
        duration(field(self, 'backendRequest')) > duration(field(self, 'request'))
      ),
  '(has(self.backendRefs) && size(self.backendRefs) > 0) ? (!has(self.filters) || self.filters.all(f, !has(f.requestRedirect))): true':
    (self) =>
      has(self, 'backendRefs') && size(field(self, 'backendRefs')) > 0
        ? !has(self, 'filters') || each(field(self, 'filters')).every((f) => !has(f, 'requestRedirect'))
        : true,
  "(has(self.filters) && self.filters.exists_one(f, has(f.requestRedirect) && has(f.requestRedirect.path) && f.requestRedirect.path.type == 'ReplacePrefixMatch' && has(f.requestRedirect.path.replacePrefixMatch))) ? ((size(self.matches) != 1 || !has(self.matches[0].path) || self.matches[0].path.type != 'PathPrefix') ? false : true) : true":
    (self) =>
      has(self, 'filters') &&
      count(
        field(self, 'filters'),
        (f) =>
          has(f, 'requestRedirect') &&
          has(field(f, 'requestRedirect'), 'path') &&
          equal(field(field(field(f, 'requestRedirect'), 'path'), 'type'), 'ReplacePrefixMatch') &&
          has(field(field(f, 'requestRedirect'), 'path'), 'replacePrefixMatch'),
      ) === 1
        ? !equal(size(field(self, 'matches')), 1) ||
          !has(item(field(self, 'matches'), 0), 'path') ||
          !equal(field(field(item(field(self, 'matches'), 0), 'path'), 'type'), 'PathPrefix')
          ? false
          : true
        : true,
  "(has(self.filters) && self.filters.exists_one(f, has(f.urlRewrite) && has(f.urlRewrite.path) && f.urlRewrite.path.type == 'ReplacePrefixMatch' && has(f.urlRewrite.path.replacePrefixMatch))) ? ((size(self.matches) != 1 || !has(self.matches[0].path) || self.matches[0].path.type != 'PathPrefix') ? false : true) : true":
    (self) =>
      has(self, 'filters') &&
      count(
        field(self, 'filters'),
        (f) =>
          has(f, 'urlRewrite') &&
          has(field(f, 'urlRewrite'), 'path') &&
          equal(field(field(field(f, 'urlRewrite'), 'path'), 'type'), 'ReplacePrefixMatch') &&
          has(field(field(f, 'urlRewrite'), 'path'), 'replacePrefixMatch'),
      ) === 1
        ? !equal(size(field(self, 'matches')), 1) ||
          !has(item(field(self, 'matches'), 0), 'path') ||
          !equal(field(field(item(field(self, 'matches'), 0), 'path'), 'type'), 'PathPrefix')
          ? false
          : true
        : true,
  "(has(self.backendRefs) && self.backendRefs.exists_one(b, (has(b.filters) && b.filters.exists_one(f, has(f.requestRedirect) && has(f.requestRedirect.path) && f.requestRedirect.path.type == 'ReplacePrefixMatch' && has(f.requestRedirect.path.replacePrefixMatch))) )) ? ((size(self.matches) != 1 || !has(self.matches[0].path) || self.matches[0].path.type != 'PathPrefix') ? false : true) : true":
    (self) =>
      has(self, 'backendRefs') &&
      count(
        field(self, 'backendRefs'),
        (b) =>
          has(b, 'filters') &&
          count(
            field(b, 'filters'),
            (f) =>
              has(f, 'requestRedirect') &&
              has(field(f, 'requestRedirect'), 'path') &&
              equal(field(field(field(f, 'requestRedirect'), 'path'), 'type'), 'ReplacePrefixMatch') &&
              has(field(field(f, 'requestRedirect'), 'path'), 'replacePrefixMatch'),
          ) === 1,
      ) === 1
        ? !equal(size(field(self, 'matches')), 1) ||
          !has(item(field(self, 'matches'), 0), 'path') ||
          !equal(field(field(item(field(self, 'matches'), 0), 'path'), 'type'), 'PathPrefix')
          ? false
          : true
        : true,
  "(has(self.backendRefs) && self.backendRefs.exists_one(b, (has(b.filters) && b.filters.exists_one(f, has(f.urlRewrite) && has(f.urlRewrite.path) && f.urlRewrite.path.type == 'ReplacePrefixMatch' && has(f.urlRewrite.path.replacePrefixMatch))) )) ? ((size(self.matches) != 1 || !has(self.matches[0].path) || self.matches[0].path.type != 'PathPrefix') ? false : true) : true":
    (self) =>
      has(self, 'backendRefs') &&
      count(
        field(self, 'backendRefs'),
        (b) =>
          has(b, 'filters') &&
          count(
            field(b, 'filters'),
            (f) =>
              has(f, 'urlRewrite') &&
              has(field(f, 'urlRewrite'), 'path') &&
              equal(field(field(field(f, 'urlRewrite'), 'path'), 'type'), 'ReplacePrefixMatch') &&
              has(field(field(f, 'urlRewrite'), 'path'), 'replacePrefixMatch'),
          ) === 1,
      ) === 1
        ? !equal(size(field(self, 'matches')), 1) ||
          !has(item(field(self, 'matches'), 0), 'path') ||
          !equal(field(field(item(field(self, 'matches'), 0), 'path'), 'type'), 'PathPrefix')
          ? false
          : true
        : true,
  '(self.size() > 0 ? self[0].matches.size() : 0) + (self.size() > 1 ? self[1].matches.size() : 0) + (self.size() > 2 ? self[2].matches.size() : 0) + (self.size() > 3 ? self[3].matches.size() : 0) + (self.size() > 4 ? self[4].matches.size() : 0) + (self.size() > 5 ? self[5].matches.size() : 0) + (self.size() > 6 ? self[6].matches.size() : 0) + (self.size() > 7 ? self[7].matches.size() : 0) + (self.size() > 8 ? self[8].matches.size() : 0) + (self.size() > 9 ? self[9].matches.size() : 0) + (self.size() > 10 ? self[10].matches.size() : 0) + (self.size() > 11 ? self[11].matches.size() : 0) + (self.size() > 12 ? self[12].matches.size() : 0) + (self.size() > 13 ? self[13].matches.size() : 0) + (self.size() > 14 ? self[14].matches.size() : 0) + (self.size() > 15 ? self[15].matches.size() : 0) <= 128':
    (self) =>
      (size(self) > 0 ? size(field(item(self, 0), 'matches')) : 0) +
        (size(self) > 1 ? size(field(item(self, 1), 'matches')) : 0) +
        (size(self) > 2 ? size(field(item(self, 2), 'matches')) : 0) +
        (size(self) > 3 ? size(field(item(self, 3), 'matches')) : 0) +
        (size(self) > 4 ? size(field(item(self, 4), 'matches')) : 0) +
        (size(self) > 5 ? size(field(item(self, 5), 'matches')) : 0) +
        (size(self) > 6 ? size(field(item(self, 6), 'matches')) : 0) +
        (size(self) > 7 ? size(field(item(self, 7), 'matches')) : 0) +
        (size(self) > 8 ? size(field(item(self, 8), 'matches')) : 0) +
        (size(self) > 9 ? size(field(item(self, 9), 'matches')) : 0) +
        (size(self) > 10 ? size(field(item(self, 10), 'matches')) : 0) +
        (size(self) > 11 ? size(field(item(self, 11), 'matches')) : 0) +
        (size(self) > 12 ? size(field(item(self, 12), 'matches')) : 0) +
        (size(self) > 13 ? size(field(item(self, 13), 'matches')) : 0) +
        (size(self) > 14 ? size(field(item(self, 14), 'matches')) : 0) +
        (size(self) > 15 ? size(field(item(self, 15), 'matches')) : 0) <=
      128,
  "self.all(p1, self.all(p2, p1.group == p2.group && p1.kind == p2.kind && p1.name == p2.name && (((!has(p1.__namespace__) || p1.__namespace__ == '') && (!has(p2.__namespace__) || p2.__namespace__ == '')) || (has(p1.__namespace__) && has(p2.__namespace__) && p1.__namespace__ == p2.__namespace__)) ? ((!has(p1.sectionName) || p1.sectionName == '') == (!has(p2.sectionName) || p2.sectionName == '') && (!has(p1.port) || p1.port == 0) == (!has(p2.port) || p2.port == 0)): true))":
    (self) =>
      each(self).every((p1) =>
        each(self).every((p2) =>
          equal(field(p1, 'group'), field(p2, 'group')) &&
          equal(field(p1, 'kind'), field(p2, 'kind')) &&
          equal(field(p1, 'name'), field(p2, 'name')) &&
          (((!has(p1, 'namespace') || equal(field(p1, 'namespace'), '')) &&
            (!has(p2, 'namespace') || equal(field(p2, 'namespace'), ''))) ||
            (has(p1, 'namespace') && has(p2, 'namespace') && equal(field(p1, 'namespace'), field(p2, 'namespace'))))
            ? equal(
                !has(p1, 'sectionName') || equal(field(p1, 'sectionName'), ''),
                !has(p2, 'sectionName') || equal(field(p2, 'sectionName'), ''),
              ) &&
              equal(!has(p1, 'port') || equal(field(p1, 'port'), 0), !has(p2, 'port') || equal(field(p2, 'port'), 0))
            : true,
        ),
      ),
  "self.all(p1, self.exists_one(p2, p1.group == p2.group && p1.kind == p2.kind && p1.name == p2.name && (((!has(p1.__namespace__) || p1.__namespace__ == '') && (!has(p2.__namespace__) || p2.__namespace__ == '')) || (has(p1.__namespace__) && has(p2.__namespace__) && p1.__namespace__ == p2.__namespace__ )) && (((!has(p1.sectionName) || p1.sectionName == '') && (!has(p2.sectionName) || p2.sectionName == '')) || ( has(p1.sectionName) && has(p2.sectionName) && p1.sectionName == p2.sectionName)) && (((!has(p1.port) || p1.port == 0) && (!has(p2.port) || p2.port == 0)) || (has(p1.port) && has(p2.port) && p1.port == p2.port))))":
    (self) =>
      each(self).every(
        (p1) =>
          count(
            self,
            (p2) =>
              equal(field(p1, 'group'), field(p2, 'group')) &&
              equal(field(p1, 'kind'), field(p2, 'kind')) &&
              equal(field(p1, 'name'), field(p2, 'name')) &&
              (((!has(p1, 'namespace') || equal(field(p1, 'namespace'), '')) &&
                (!has(p2, 'namespace') || equal(field(p2, 'namespace'), ''))) ||
                (has(p1, 'namespace') &&
                  has(p2, 'namespace') &&
                  equal(field(p1, 'namespace'), field(p2, 'namespace')))) &&
              (((!has(p1, 'sectionName') || equal(field(p1, 'sectionName'), '')) &&
                (!has(p2, 'sectionName') || equal(field(p2, 'sectionName'), ''))) ||
                (has(p1, 'sectionName') &&
                  has(p2, 'sectionName') &&
                  equal(field(p1, 'sectionName'), field(p2, 'sectionName')))) &&
              (((!has(p1, 'port') || equal(field(p1, 'port'), 0)) &&
                (!has(p2, 'port') || equal(field(p2, 'port'), 0))) ||
                (has(p1, 'port') && has(p2, 'port') && equal(field(p1, 'port'), field(p2, 'port')))),
          ) === 1,
      ),
  "self.protocol == 'GRPC' ? has(self.grpc) : true": (self) =>
    equal(field(self, 'protocol'), 'GRPC') ? has(self, 'grpc') : true,
  "has(self.grpc) ? self.protocol == 'GRPC' : true": (self) =>
    has(self, 'grpc') ? equal(field(self, 'protocol'), 'GRPC') : true,
  "self.protocol == 'HTTP' ? has(self.http) : true": (self) =>
    equal(field(self, 'protocol'), 'HTTP') ? has(self, 'http') : true,
  "has(self.http) ? self.protocol == 'HTTP' : true": (self) =>
    has(self, 'http') ? equal(field(self, 'protocol'), 'HTTP') : true,
  "!(has(self.externalAuth) && self.type != 'ExternalAuth')": (self) =>
    !(has(self, 'externalAuth') && !equal(field(self, 'type'), 'ExternalAuth')),
  "!(!has(self.externalAuth) && self.type == 'ExternalAuth')": (self) =>
    !(!has(self, 'externalAuth') && equal(field(self, 'type'), 'ExternalAuth')),
  "!has(self.cookieConfig) || !has(self.cookieConfig.lifetimeType) || self.cookieConfig.lifetimeType != 'Permanent' || has(self.absoluteTimeout)":
    (self) =>
      !has(self, 'cookieConfig') ||
      !has(field(self, 'cookieConfig'), 'lifetimeType') ||
      !equal(field(field(self, 'cookieConfig'), 'lifetimeType'), 'Permanent') ||
      has(self, 'absoluteTimeout'),
  "!has(self.cookieConfig) || self.type == 'Cookie'": (self) =>
    !has(self, 'cookieConfig') || equal(field(self, 'type'), 'Cookie'),
  'self.all(l1, !has(l1.name) || self.exists_one(l2, has(l2.name) && l1.name == l2.name))': (self) =>
    each(self).every(
      (l1) =>
        !has(l1, 'name') || count(self, (l2) => has(l2, 'name') && equal(field(l1, 'name'), field(l2, 'name'))) === 1,
    ),
  '!(has(self.caCertRefs) && size(self.caCertRefs) > 0 && has(self.wellKnownCACerts) && self.wellKnownCACerts != "")': (
    self,
  ) =>
    !(
      has(self, 'caCertRefs') &&
      size(field(self, 'caCertRefs')) > 0 &&
      has(self, 'wellKnownCACerts') &&
      !equal(field(self, 'wellKnownCACerts'), '')
    ),
  '(has(self.caCertRefs) && size(self.caCertRefs) > 0 || has(self.wellKnownCACerts) && self.wellKnownCACerts != "")': (
    self,
  ) =>
    (has(self, 'caCertRefs') && size(field(self, 'caCertRefs')) > 0) ||
    (has(self, 'wellKnownCACerts') && !equal(field(self, 'wellKnownCACerts'), '')),
  "self.all(p1, self.all(p2, p1.group == p2.group && p1.kind == p2.kind && p1.name == p2.name ? ((!has(p1.sectionName) || p1.sectionName == '') == (!has(p2.sectionName) || p2.sectionName == '')) : true))":
    (self) =>
      each(self).every((p1) =>
        each(self).every((p2) =>
          equal(field(p1, 'group'), field(p2, 'group')) &&
          equal(field(p1, 'kind'), field(p2, 'kind')) &&
          equal(field(p1, 'name'), field(p2, 'name'))
            ? equal(
                !has(p1, 'sectionName') || equal(field(p1, 'sectionName'), ''),
                !has(p2, 'sectionName') || equal(field(p2, 'sectionName'), ''),
              )
            : true,
        ),
      ),
  "self.all(p1, self.exists_one(p2, p1.group == p2.group && p1.kind == p2.kind && p1.name == p2.name && (((!has(p1.sectionName) || p1.sectionName == '') && (!has(p2.sectionName) || p2.sectionName == '')) || (has(p1.sectionName) && has(p2.sectionName) && p1.sectionName == p2.sectionName))))":
    (self) =>
      each(self).every(
        (p1) =>
          count(
            self,
            (p2) =>
              equal(field(p1, 'group'), field(p2, 'group')) &&
              equal(field(p1, 'kind'), field(p2, 'kind')) &&
              equal(field(p1, 'name'), field(p2, 'name')) &&
              (((!has(p1, 'sectionName') || equal(field(p1, 'sectionName'), '')) &&
                (!has(p2, 'sectionName') || equal(field(p2, 'sectionName'), ''))) ||
                (has(p1, 'sectionName') &&
                  has(p2, 'sectionName') &&
                  equal(field(p1, 'sectionName'), field(p2, 'sectionName')))),
          ) === 1,
      ),
  '!(self.type == "Hostname" && (!has(self.hostname) || self.hostname == ""))': (self) =>
    !(equal(field(self, 'type'), 'Hostname') && (!has(self, 'hostname') || equal(field(self, 'hostname'), ''))),
  '!(self.type != "Hostname" && has(self.hostname) && self.hostname != "")': (self) =>
    !(!equal(field(self, 'type'), 'Hostname') && has(self, 'hostname') && !equal(field(self, 'hostname'), '')),
  '!(self.type == "URI" && (!has(self.uri) || self.uri == ""))': (self) =>
    !(equal(field(self, 'type'), 'URI') && (!has(self, 'uri') || equal(field(self, 'uri'), ''))),
  '!(self.type != "URI" && has(self.uri) && self.uri != "")': (self) =>
    !(!equal(field(self, 'type'), 'URI') && has(self, 'uri') && !equal(field(self, 'uri'), '')),
  '!(has(self.caCertificateRefs) && size(self.caCertificateRefs) > 0 && has(self.wellKnownCACertificates) && self.wellKnownCACertificates != "")':
    (self) =>
      !(
        has(self, 'caCertificateRefs') &&
        size(field(self, 'caCertificateRefs')) > 0 &&
        has(self, 'wellKnownCACertificates') &&
        !equal(field(self, 'wellKnownCACertificates'), '')
      ),
  '(has(self.caCertificateRefs) && size(self.caCertificateRefs) > 0 || has(self.wellKnownCACertificates) && self.wellKnownCACertificates != "")':
    (self) =>
      (has(self, 'caCertificateRefs') && size(field(self, 'caCertificateRefs')) > 0) ||
      (has(self, 'wellKnownCACertificates') && !equal(field(self, 'wellKnownCACertificates'), '')),
  'has(self.type) ? has(self.service) || has(self.method) : true': (self) =>
    has(self, 'type') ? has(self, 'service') || has(self, 'method') : true,
  '(!has(self.type) || self.type == \'Exact\') && has(self.service) ? self.service.matches(r"""^(?i)\\.?[a-z_][a-z_0-9]*(\\.[a-z_][a-z_0-9]*)*$"""): true':
    (self) =>
      (!has(self, 'type') || equal(field(self, 'type'), 'Exact')) && has(self, 'service')
        ? matches(field(self, 'service'), '^(?i)\\.?[a-z_][a-z_0-9]*(\\.[a-z_][a-z_0-9]*)*$')
        : true,
  '(!has(self.type) || self.type == \'Exact\') && has(self.method) ? self.method.matches(r"""^[A-Za-z_][A-Za-z_0-9]*$"""): true':
    (self) =>
      (!has(self, 'type') || equal(field(self, 'type'), 'Exact')) && has(self, 'method')
        ? matches(field(self, 'method'), '^[A-Za-z_][A-Za-z_0-9]*$')
        : true,
  "!has(self.cookieConfig.lifetimeType) || self.cookieConfig.lifetimeType != 'Permanent' || has(self.absoluteTimeout)":
    (self) =>
      !has(field(self, 'cookieConfig'), 'lifetimeType') ||
      !equal(field(field(self, 'cookieConfig'), 'lifetimeType'), 'Permanent') ||
      has(self, 'absoluteTimeout'),
  '(self.size() > 0 ? (has(self[0].matches) ? self[0].matches.size() : 0) : 0) + (self.size() > 1 ? (has(self[1].matches) ? self[1].matches.size() : 0) : 0) + (self.size() > 2 ? (has(self[2].matches) ? self[2].matches.size() : 0) : 0) + (self.size() > 3 ? (has(self[3].matches) ? self[3].matches.size() : 0) : 0) + (self.size() > 4 ? (has(self[4].matches) ? self[4].matches.size() : 0) : 0) + (self.size() > 5 ? (has(self[5].matches) ? self[5].matches.size() : 0) : 0) + (self.size() > 6 ? (has(self[6].matches) ? self[6].matches.size() : 0) : 0) + (self.size() > 7 ? (has(self[7].matches) ? self[7].matches.size() : 0) : 0) + (self.size() > 8 ? (has(self[8].matches) ? self[8].matches.size() : 0) : 0) + (self.size() > 9 ? (has(self[9].matches) ? self[9].matches.size() : 0) : 0) + (self.size() > 10 ? (has(self[10].matches) ? self[10].matches.size() : 0) : 0) + (self.size() > 11 ? (has(self[11].matches) ? self[11].matches.size() : 0) : 0) + (self.size() > 12 ? (has(self[12].matches) ? self[12].matches.size() : 0) : 0) + (self.size() > 13 ? (has(self[13].matches) ? self[13].matches.size() : 0) : 0) + (self.size() > 14 ? (has(self[14].matches) ? self[14].matches.size() : 0) : 0) + (self.size() > 15 ? (has(self[15].matches) ? self[15].matches.size() : 0) : 0) <= 128':
    (self) =>
      (size(self) > 0 ? (has(item(self, 0), 'matches') ? size(field(item(self, 0), 'matches')) : 0) : 0) +
        (size(self) > 1 ? (has(item(self, 1), 'matches') ? size(field(item(self, 1), 'matches')) : 0) : 0) +
        (size(self) > 2 ? (has(item(self, 2), 'matches') ? size(field(item(self, 2), 'matches')) : 0) : 0) +
        (size(self) > 3 ? (has(item(self, 3), 'matches') ? size(field(item(self, 3), 'matches')) : 0) : 0) +
        (size(self) > 4 ? (has(item(self, 4), 'matches') ? size(field(item(self, 4), 'matches')) : 0) : 0) +
        (size(self) > 5 ? (has(item(self, 5), 'matches') ? size(field(item(self, 5), 'matches')) : 0) : 0) +
        (size(self) > 6 ? (has(item(self, 6), 'matches') ? size(field(item(self, 6), 'matches')) : 0) : 0) +
        (size(self) > 7 ? (has(item(self, 7), 'matches') ? size(field(item(self, 7), 'matches')) : 0) : 0) +
        (size(self) > 8 ? (has(item(self, 8), 'matches') ? size(field(item(self, 8), 'matches')) : 0) : 0) +
        (size(self) > 9 ? (has(item(self, 9), 'matches') ? size(field(item(self, 9), 'matches')) : 0) : 0) +
        (size(self) > 10 ? (has(item(self, 10), 'matches') ? size(field(item(self, 10), 'matches')) : 0) : 0) +
        (size(self) > 11 ? (has(item(self, 11), 'matches') ? size(field(item(self, 11), 'matches')) : 0) : 0) +
        (size(self) > 12 ? (has(item(self, 12), 'matches') ? size(field(item(self, 12), 'matches')) : 0) : 0) +
        (size(self) > 13 ? (has(item(self, 13), 'matches') ? size(field(item(self, 13), 'matches')) : 0) : 0) +
        (size(self) > 14 ? (has(item(self, 14), 'matches') ? size(field(item(self, 14), 'matches')) : 0) : 0) +
        (size(self) > 15 ? (has(item(self, 15), 'matches') ? size(field(item(self, 15), 'matches')) : 0) : 0) <=
      128,
  'self.all(h, !isIP(h))': (self) => each(self).every((h) => !isIP(h)),
  "self.all(h, !h.contains('*') ? h.matches('^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)$') : true)":
    (self) =>
      each(self).every((h) =>
        !text(h).includes('*')
          ? matches(h, '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)$')
          : true,
      ),
  "self.all(h, h.contains('*') ? (h.startsWith('*.') && h.substring(2).matches('^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)$')) : true)":
    (self) =>
      each(self).every((h) =>
        text(h).includes('*')
          ? text(h).startsWith('*.') &&
            matches(substring(h, 2), '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)$')
          : true,
      ),
  "!(duration(self) < duration('1s') || duration(self) > duration('1h'))": (self) =>
    !(duration(self) < duration('1s') || duration(self) > duration('1h')),
  "!(duration(self) == duration('0s') || duration(self) > duration('1h'))": (self) =>
    !(equal(duration(self), duration('0s')) || duration(self) > duration('1h')),
  'self.all(l1, !has(l1.port) || self.exists_one(l2, has(l2.port) && l1.port == l2.port && l1.protocol == l2.protocol && (has(l1.hostname) && has(l2.hostname) ? l1.hostname == l2.hostname : !has(l1.hostname) && !has(l2.hostname))))':
    (self) =>
      each(self).every(
        (l1) =>
          !has(l1, 'port') ||
          count(
            self,
            (l2) =>
              has(l2, 'port') &&
              equal(field(l1, 'port'), field(l2, 'port')) &&
              equal(field(l1, 'protocol'), field(l2, 'protocol')) &&
              (has(l1, 'hostname') && has(l2, 'hostname')
                ? equal(field(l1, 'hostname'), field(l2, 'hostname'))
                : !has(l1, 'hostname') && !has(l2, 'hostname')),
          ) === 1,
      ),
  "!self.endsWith('.cluster.local')": (self) => !text(self).endsWith('.cluster.local'),
  "self.mode == 'ClientAndServer' ? has(self.clientCertificateRef) : !has(self.clientCertificateRef)": (self) =>
    equal(field(self, 'mode'), 'ClientAndServer')
      ? has(self, 'clientCertificateRef')
      : !has(self, 'clientCertificateRef'),
  "self.type == 'ExternalHostname' ? has(self.externalHostname) : !has(self.externalHostname)": (self) =>
    equal(field(self, 'type'), 'ExternalHostname') ? has(self, 'externalHostname') : !has(self, 'externalHostname'),
};
