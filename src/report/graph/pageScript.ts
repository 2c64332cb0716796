import { METRICS } from './layout.ts';

/**
 * What the page does: filters, folds, and lights up. It reads the picture itself (`data-` attributes) and nothing else, puts text into the
 * page as text only, and lays out as `layout.ts` does. A constant, so that its hash can stand in the page's policy.
 */
export const PAGE_SCRIPT = `'use strict';
(() => {
const M = ${JSON.stringify(METRICS)};
const one = (id) => document.getElementById(id);
const svg = document.querySelector('svg.picture');
const form = one('filter'), text = one('text'), namespace = one('namespace'), kind = one('kind'), state = one('state');
const details = one('details'), shown = one('shown');
const nodes = new Map();
const groups = [...svg.querySelectorAll('.group')].map((element) => {
  const [, x, y] = /translate\\(([\\d.]+) ([\\d.]+)\\)/.exec(element.getAttribute('transform'));
  const group = { element, x: Number(x), y: Number(y), column: element.dataset.column, head: element.querySelector('.head'), isFolded: false, isShown: true, nodes: [] };
  group.frame = svg.querySelector('[data-frame="' + element.id + '"]');
  group.width = Number(group.frame.getAttribute('width'));
  for (const box of element.querySelectorAll('.node')) {
    const node = { element: box, group, height: Number(box.dataset.height), indent: Number(box.dataset.indent), data: box.dataset, words: box.getAttribute('aria-label').toLowerCase(), width: Number(box.querySelector('.box').getAttribute('width')), up: [], down: [], isShown: true, y: 0 };
    nodes.set(box.id, node);
    group.nodes.push(node);
  }
  return group;
});
const edges = [...svg.querySelectorAll('.edge')].map((element) => {
  const edge = { element, from: nodes.get(element.dataset.from), to: nodes.get(element.dataset.to) };
  edge.from.down.push(edge);
  edge.to.up.push(edge);
  return edge;
});
const isLarge = nodes.size > 120;
const startFolded = (group) => isLarge && (group.column === 'route' || group.column === 'backend');
let chosen, active;

const follow = (starts, direction, end) => {
  const seen = new Set(starts), queue = [...starts];
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    for (const edge of node[direction]) if (!seen.has(edge[end])) { seen.add(edge[end]); queue.push(edge[end]); }
  }
  return seen;
};

const isFiltering = () => text.value.trim() !== '' || namespace.value !== '' || kind.value !== '' || state.value !== '';

const filter = () => {
  const words = text.value.trim().toLowerCase().split(/\\s+/).filter((word) => word !== '');
  const states = state.value === '' ? [] : state.value.split(' ');
  const all = [...nodes.values()];
  const hits = new Set(all.filter((node) =>
    words.every((word) => node.words.includes(word)) &&
    (namespace.value === '' || node.data.namespace === namespace.value) &&
    (kind.value === '' || node.data.kind === kind.value) &&
    (states.length === 0 || states.includes(node.data.state))));
  const isOn = isFiltering();
  const kept = isOn ? new Set([...follow(hits, 'up', 'from'), ...follow(hits, 'down', 'to')]) : hits;
  for (const node of all) {
    node.isShown = kept.has(node);
    node.element.classList.toggle('context', isOn && !hits.has(node));
  }
  for (const group of groups) {
    setFolded(group, isOn ? kept.size > 60 && !group.nodes.some((node) => hits.has(node)) : startFolded(group));
  }
  choose(undefined);
  shown.textContent = isOn ? hits.size + ' of ' + nodes.size + ' boxes match; with what they are connected with, ' + kept.size + ' are shown' : '';
  arrange();
};

const setFolded = (group, isFolded) => {
  group.isFolded = isFolded;
  group.head.setAttribute('aria-expanded', String(!isFolded));
};

const arrange = () => {
  const ends = {};
  let bottom = M.top;
  for (const group of groups) {
    const visible = group.nodes.filter((node) => node.isShown);
    group.isShown = visible.length > 0;
    group.element.classList.toggle('gone', !group.isShown);
    group.frame.classList.toggle('gone', !group.isShown);
    let y = M.head;
    for (const node of group.nodes) {
      const isVisible = node.isShown && !group.isFolded;
      node.element.classList.toggle('gone', !isVisible);
      if (!isVisible) continue;
      node.y = y;
      node.element.setAttribute('transform', 'translate(' + (M.pad + node.indent) + ' ' + y + ')');
      y += node.height + M.gap;
    }
    if (!group.isShown) continue;
    const routes = group.column === 'backend' && groups.find((other) => other.isShown && other.column === 'route' && other.element.dataset.namespace === group.element.dataset.namespace);
    group.y = Math.max(ends[group.column] ?? M.top, routes ? routes.y : 0);
    const height = group.isFolded ? M.head : y - M.gap + M.pad;
    group.element.setAttribute('transform', 'translate(' + group.x + ' ' + group.y + ')');
    group.frame.setAttribute('y', group.y);
    group.frame.setAttribute('height', height);
    group.head.querySelector('.mark').textContent = group.isFolded ? '\\u25b8 ' : '\\u25be ';
    ends[group.column] = group.y + height + M.groupGap;
    bottom = Math.max(bottom, ends[group.column]);
  }
  const drawn = new Set();
  for (const edge of edges) {
    const { from, to, element } = edge;
    let path = '';
    if (from.isShown && to.isShown) path = draw(from, to);
    const key = path + element.getAttribute('class').replace(' lit', '');
    const isDoubled = path === '' || ((from.group.isFolded || to.group.isFolded) && drawn.has(key));
    drawn.add(key);
    element.classList.toggle('gone', isDoubled);
    if (path !== '') element.setAttribute('d', path);
  }
  const height = bottom + M.margin;
  svg.setAttribute('height', height);
  svg.setAttribute('viewBox', '0 0 ' + svg.getAttribute('width') + ' ' + height);
  keepStop();
};

const draw = (from, to) => {
  const place = ({ group, indent, width, height, y }) => group.isFolded
    ? { left: group.x, right: group.x + group.width, top: group.y, middle: group.y + M.head / 2, bottom: group.y + M.head }
    : { left: group.x + M.pad + indent, right: group.x + M.pad + indent + width, top: group.y + y, middle: group.y + y + height / 2, bottom: group.y + y + height };
  const a = place(from), b = place(to);
  if (from.group.column === to.group.column) {
    return from.group === to.group && from.group.isFolded ? '' : 'M' + (a.left + 7) + ' ' + a.bottom + 'V' + b.middle + 'H' + b.left;
  }
  const bend = Math.max(40, (b.left - a.right) / 2);
  return 'M' + a.right + ' ' + a.middle + 'C' + (a.right + bend) + ' ' + a.middle + ' ' + (b.left - bend) + ' ' + b.middle + ' ' + b.left + ' ' + b.middle;
};

const toggle = (group) => { setFolded(group, !group.isFolded); choose(undefined); arrange(); };

const choose = (node) => {
  for (const element of svg.querySelectorAll('.lit, .chosen')) element.classList.remove('lit', 'chosen');
  chosen?.element.setAttribute('aria-pressed', 'false');
  chosen = chosen === node ? undefined : node;
  svg.classList.toggle('selecting', chosen !== undefined);
  details.hidden = chosen === undefined;
  details.replaceChildren();
  if (chosen === undefined) return;
  chosen.element.setAttribute('aria-pressed', 'true');
  chosen.element.classList.add('chosen');
  for (const [direction, end] of [['up', 'from'], ['down', 'to']]) {
    for (const lit of follow([chosen], direction, end)) {
      lit.element.classList.add('lit');
      for (const edge of lit[direction]) edge.element.classList.add('lit');
    }
  }
  const say = (line) => {
    const paragraph = document.createElement('p');
    paragraph.textContent = line;
    details.append(paragraph);
  };
  const titleOf = (element) => element.querySelector('title').textContent.split('\\n');
  titleOf(chosen.element).forEach(say);
  for (const edge of [...chosen.up, ...chosen.down]) say(titleOf(edge.element).join(' \u00b7 '));
};

const stops = () => groups.filter((group) => group.isShown).map((group) =>
  [group.head, ...(group.isFolded ? [] : group.nodes.filter((node) => node.isShown).map((node) => node.element))]);

const keepStop = () => {
  const all = stops().flat();
  if (!all.includes(active)) active = all[0];
  for (const element of svg.querySelectorAll('.head, .node')) element.setAttribute('tabindex', element === active ? '0' : '-1');
};

const move = (element) => {
  if (element === undefined) return;
  active = element;
  keepStop();
  element.focus();
  element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
};

const columnOf = (element) => element.closest('.group').dataset.column;

const across = (element, step) => {
  const node = nodes.get(element.id);
  const linked = node?.[step > 0 ? 'down' : 'up'].map((edge) => edge[step > 0 ? 'to' : 'from']).find((other) => other.isShown);
  if (linked !== undefined) return linked.group.isFolded ? linked.group.head : linked.element;
  const order = [...new Set(groups.filter((group) => group.isShown).map((group) => group.column))];
  const column = order[order.indexOf(columnOf(element)) + step];
  return groups.find((group) => group.isShown && group.column === column)?.head;
};

svg.addEventListener('keydown', (event) => {
  const element = event.target.closest('.head, .node');
  if (element === null || event.ctrlKey || event.metaKey || event.altKey) return;
  const own = stops().flat().filter((other) => columnOf(other) === columnOf(element));
  const at = own.indexOf(element);
  const act = {
    ArrowDown: () => move(own[at + 1]),
    ArrowUp: () => move(own[at - 1]),
    ArrowRight: () => move(across(element, 1)),
    ArrowLeft: () => move(across(element, -1)),
    Home: () => move(own[0]),
    End: () => move(own[own.length - 1]),
    Enter: () => activate(element),
    ' ': () => activate(element),
  }[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
});

const activate = (element) => {
  active = element;
  const node = nodes.get(element.id);
  if (node === undefined) toggle(groups.find((group) => group.head === element));
  else { choose(node); keepStop(); }
};

svg.addEventListener('click', (event) => {
  const element = event.target.closest('.head, .node');
  if (element !== null) activate(element);
});
document.addEventListener('keydown', (event) => { if (event.key === 'Escape') choose(undefined); });
form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('input', filter);
form.addEventListener('reset', () => setTimeout(filter));
const foldAll = (isFolded) => { for (const group of groups) setFolded(group, isFolded); choose(undefined); arrange(); };
one('fold').addEventListener('click', () => foldAll(true));
one('unfold').addEventListener('click', () => foldAll(false));
one('problems')?.addEventListener('click', (event) => {
  const node = nodes.get(event.target.closest('a')?.getAttribute('href').slice(1));
  if (node === undefined) return;
  event.preventDefault();
  if (!node.isShown) { form.reset(); filter(); }
  setFolded(node.group, false);
  if (chosen !== node) choose(node);
  arrange();
  move(node.element);
  node.element.scrollIntoView({ block: 'center', inline: 'center' });
});

for (const { head, element } of groups) {
  head.setAttribute('role', 'button');
  head.setAttribute('aria-label', element.getAttribute('aria-label'));
  const mark = document.createElementNS('http://www.w3.org/2000/svg', 'tspan');
  mark.setAttribute('class', 'mark');
  mark.setAttribute('aria-hidden', 'true');
  head.querySelector('.space').prepend(mark);
}
for (const { element } of nodes.values()) { element.setAttribute('role', 'button'); element.setAttribute('aria-pressed', 'false'); }
document.body.classList.add('scripted');
one('stage').removeAttribute('tabindex');
form.hidden = false;
one('hint').hidden = false;
filter();
})();
`;
