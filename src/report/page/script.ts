import { SEVERITIES } from '#policy';

/**
 * What the report's page does: filters, sorts, turns pages, leads from a box of the picture to its findings. All findings are in the page; the
 * script keeps the rows that are not shown out of it, so that thousands of them cost nothing. It puts no text in as markup. A constant, so
 * that its hash can stand in the page's policy.
 */
export const PAGE_SCRIPT = `'use strict';
(() => {
const SHOWN = 50;
const one = (id) => document.getElementById(id);
const body = one('rows');
if (body === null) return;
const form = one('filter'), state = one('shown'), only = one('only'), table = one('table'), sorted = form.elements.sort;
const FIELDS = ['text', 'outcome', 'policy', 'namespace', 'rule', 'action', 'change'].filter((name) => form.elements[name] !== undefined);
const EFFECTS = ['error', 'deny', 'warn', 'audit'], SEVERITIES = ${JSON.stringify(SEVERITIES)};
const rows = [...body.rows].map((element, at) => {
  const { e, s, r, n, a, x, c, o, w } = element.dataset;
  return { element, at, outcome: e, policy: r.slice(0, r.indexOf('/')), rule: r, namespace: n, action: a, change: c, box: x,
    get words() { return this.read ??= element.textContent.toLowerCase(); }, read: undefined,
    keys: { outcome: EFFECTS.indexOf(e), severity: SEVERITIES.indexOf(s), rule: r, object: o, place: w, get finding() { return element.cells[4].firstChild.textContent; } } };
});
const whole = (number) => number.toLocaleString('en-US');
let box = '', order = { key: 'outcome', way: 1 }, found = rows, page = 0, isTold = false;

const draw = (all) => {
  const shown = all ? found : found.slice(page * SHOWN, (page + 1) * SHOWN);
  body.replaceChildren(...shown.map(({ element }) => element));
};

const say = () => {
  const pages = Math.max(1, Math.ceil(found.length / SHOWN));
  const noun = rows.length === 1 ? ' finding' : ' findings';
  const count = found.length === rows.length ? whole(rows.length) + noun : whole(found.length) + ' of ' + whole(rows.length) + noun;
  const part = pages === 1 ? '' : ', ' + whole(page * SHOWN + 1) + ' to ' + whole(Math.min(found.length, (page + 1) * SHOWN)) + ' shown';
  state.textContent = found.length === 0 ? 'No finding matches' : count + part;
  one('pager').hidden = pages === 1;
  one('back').disabled = page === 0;
  one('on').disabled = page === pages - 1;
};

const compare = (a, b) => {
  const left = a.keys[order.key], right = b.keys[order.key];
  const by = left < right ? -1 : left > right ? 1 : 0;
  return by * order.way || a.at - b.at;
};

const turn = (to) => { page = to; draw(false); say(); };

const filter = () => {
  const words = form.elements.text.value.trim().toLowerCase().split(/\\s+/).filter((word) => word !== '');
  const picked = FIELDS.filter((name) => name !== 'text' && form.elements[name].value !== '').map((name) => [name, form.elements[name].value]);
  found = rows.filter((row) => (box === '' || row.box === box) && picked.every(([name, value]) => row[name] === value) && words.every((word) => row.words.includes(word)));
  found.sort(compare);
  only.hidden = box === '';
  for (const link of document.querySelectorAll('.tiles a')) {
    const wanted = new URLSearchParams(link.dataset.set);
    link.setAttribute('aria-current', String(wanted.size > 0 && [...wanted].every(([name, value]) => form.elements[name].value === value)));
  }
  turn(0);
  remember();
};

const remember = () => {
  if (!isTold) return;
  const said = new URLSearchParams();
  for (const name of FIELDS) if (form.elements[name].value !== '') said.set(name, form.elements[name].value);
  if (box !== '') said.set('box', box);
  try { history.replaceState(null, '', said.size === 0 ? location.pathname + location.search : '#?' + said); } catch { /* a page without an address of its own */ }
};

const choose = (wanted) => {
  for (const name of FIELDS) form.elements[name].value = wanted.get(name) ?? '';
  const element = wanted.has('box') ? one(wanted.get('box')) : null;
  box = element === null ? '' : element.id;
  one('about').textContent = element === null ? '' : element.getAttribute('aria-label').split('; ')[0];
  filter();
};

const lead = () => { one('findings').scrollIntoView(); one('findings-title').focus({ preventScroll: true }); };

const sortBy = (key, way) => {
  order = { key, way };
  for (const head of table.tHead.rows[0].cells) {
    if (head.dataset.key === key) head.setAttribute('aria-sort', way === 1 ? 'ascending' : 'descending');
    else head.removeAttribute('aria-sort');
  }
  sorted.value = key;
  found.sort(compare);
  turn(0);
};

const meet = () => {
  if (location.hash.startsWith('#?')) { choose(new URLSearchParams(location.hash.slice(2))); return; }
  const row = rows.find(({ element }) => '#' + element.id === location.hash);
  if (row === undefined) return;
  if (!found.includes(row)) { form.reset(); box = ''; filter(); }
  turn(Math.floor(found.indexOf(row) / SHOWN));
  for (const { element } of rows) element.classList.toggle('meant', element === row.element);
  const details = row.element.querySelector('details');
  if (details !== null) details.open = true;
  row.element.scrollIntoView({ block: 'center' });
};

for (const head of table.tHead.rows[0].cells) {
  const button = document.createElement('button');
  button.type = 'button';
  button.append(...head.childNodes);
  button.addEventListener('click', () => { const { key } = head.dataset; sortBy(key, order.key === key ? -order.way : 1); });
  head.append(button);
}
sorted.addEventListener('input', (event) => { event.stopPropagation(); sortBy(sorted.value, 1); });
form.addEventListener('input', () => { isTold = true; filter(); });
form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('reset', () => setTimeout(() => { isTold = true; box = ''; sorted.value = order.key; filter(); }));
only.addEventListener('click', () => { isTold = true; box = ''; filter(); one('findings-title').focus({ preventScroll: true }); });
one('back').addEventListener('click', () => turn(page - 1));
one('on').addEventListener('click', () => { turn(page + 1); one('findings').scrollIntoView(); });
document.addEventListener('click', (event) => {
  const link = event.target.closest('a[data-set], #stage a');
  if (link === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  isTold = true;
  const node = link.closest('.node');
  choose(new URLSearchParams(node === null ? link.dataset.set : { box: node.id }));
  lead();
});
addEventListener('hashchange', meet);
addEventListener('beforeprint', () => draw(true));
addEventListener('afterprint', () => draw(false));
form.hidden = false;
one('state').hidden = false;
body.classList.add('ready');
sortBy('outcome', 1);
say();
meet();
})();
`;
