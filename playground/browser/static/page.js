// Keeps the page as the server draws it, and tells the server what people do. It decides nothing.
"use strict";

const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const TYPING = 300; // Milliseconds after the last key before words are told.
const NEAR = 90; // Pixels from the end of a conversation that still count as being there.
const MOST_PANES = 3;
const TOLD = 120; // Letters of a new message that are read out; the rest is on the screen.

// ---------------------------------------------------------------- words for whoever does not see

function notice(words) {
  one("#notice").textContent = words;
  clearTimeout(notice.timer);
  if (words) notice.timer = setTimeout(() => (one("#notice").textContent = ""), 9000);
}

function news(words) {
  one("#news").textContent = words;
}

// ---------------------------------------------------------------- from what was drawn before to what is drawn now

function keeps(element) {
  return (element.getAttribute("data-keep") || "").split(" ");
}

function renewAttributes(old, fresh) {
  const kept = keeps(fresh);
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !kept.includes(name) && name !== "aria-busy") old.removeAttribute(name);
  }
  for (const { name, value } of [...fresh.attributes]) {
    if (old.getAttribute(name) !== value && !kept.includes(name)) old.setAttribute(name, value);
  }
}

function renew(old, fresh) {
  if (fresh.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  if (fresh.hasAttribute("data-same") || old.isEqualNode(fresh)) return;
  renewAttributes(old, fresh);
  if (fresh.matches("select[data-type$=external_select]")) renewOffers(old, fresh);
  else renewChildren(old, fresh);
}

// What the app has offered to somebody who searched is known here alone, and stays on offer.
function renewOffers(old, fresh) {
  const drawn = new Map([...fresh.options].map((option) => [option.value, option]));
  for (const option of old.options) {
    option.defaultSelected = Boolean(drawn.get(option.value)?.defaultSelected);
    drawn.delete(option.value);
  }
  for (const option of drawn.values()) old.add(option);
}

function alike(old, fresh) {
  return old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && (old.id || "") === (fresh.id || "");
}

// Nodes with an id are found again wherever they stand; the others by their place. What stays is not touched, so that
// focus, open menus and half-typed words stay too.
function renewChildren(old, fresh) {
  const known = new Map(all(":scope > [id]", old).map((child) => [child.id, child]));
  const drawn = new Set(all(":scope > [id]", fresh).map((child) => child.id));
  let place = old.firstChild;
  const drop = () => {
    const next = place.nextSibling;
    place.remove();
    place = next;
  };
  for (const child of [...fresh.childNodes]) {
    let match = child.id ? known.get(child.id) : place && alike(place, child) ? place : null;
    if (match && !alike(match, child)) match = null;
    if (!match) {
      old.insertBefore(child, place);
      continue;
    }
    // What stands in the way and is gone goes first: to move what stays would take the focus from it.
    while (place && place !== match && !drawn.has(place.id)) drop();
    if (match === place) place = place.nextSibling;
    else old.insertBefore(match, place);
    renew(match, child);
  }
  while (place) drop();
}

function parsed(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
}

// ---------------------------------------------------------------- panes

const panes = () => all(".pane");
const look = (pane) => pane.dataset.look.split("@");
const who = (pane) => look(pane)[0];
const isHeld = (pane) => pane.dataset.held === "1";

function turn(pane, at, thread = "") {
  pane.dataset.look = [who(pane), at, thread].filter(Boolean).join("@");
  pane.dataset.since = "0";
  remember();
  return refresh();
}

async function go(pane, at) {
  if (at === "home" || at === "app") deed(pane, { deed: "open", at });
  await turn(pane, at);
  scrollToEnd(pane);
}

function remember() {
  const query = new URLSearchParams();
  for (const pane of panes()) query.append("pane", pane.dataset.look);
  if (document.body.dataset.open) query.set("open", document.body.dataset.open);
  history.replaceState(null, "", `/?${query.toString().replaceAll("%40", "@")}`);
}

function scrollToEnd(pane) {
  for (const list of all(".place > .scroll:not(.home), .thread > .scroll", pane)) toEnd(list);
}

function atEnd(pane) {
  const list = one(".place > .scroll:not(.home)", pane);
  return !list || list.scrollHeight - list.scrollTop - list.clientHeight < NEAR;
}

// Where somebody reads the end of a conversation, they go on doing so when the screen becomes larger or smaller, and
// when messages that come into sight turn out higher than was thought: before, their height is only estimated.
const heights = new WeakMap();
const tops = new WeakMap();

function toEnd(list) {
  list.scrollTop = list.scrollHeight;
  list.dataset.end = "1";
  tops.set(list, list.scrollTop);
}

const sizes = new ResizeObserver((entries) => {
  for (const list of new Set(entries.map(({ target }) => target.closest(".scroll")).filter(Boolean))) {
    heights.set(list, list.clientHeight);
    // Whoever has just moved up, by the wheel or by Tab, is left there.
    if (list.dataset.end !== "" && !(list.scrollTop < tops.get(list))) toEnd(list);
  }
});

function watchScroll(pane) {
  for (const list of all(".place > .scroll:not(.home), .thread > .scroll", pane)) {
    for (const part of [list, ...list.children]) sizes.observe(part);
  }
}

document.addEventListener(
  "scroll",
  ({ target }) => {
    if (!target.matches?.(".scroll")) return;
    // The screen has just become larger or smaller: nobody has scrolled away from the end.
    if (heights.has(target) && heights.get(target) !== target.clientHeight) return;
    const up = target.scrollTop < (tops.get(target) || 0);
    tops.set(target, target.scrollTop);
    // Whoever scrolls up has left the end, however slowly.
    target.dataset.end = target.scrollHeight - target.scrollTop - target.clientHeight < (up ? 2 : NEAR) ? "1" : "";
  },
  true,
);

function addPane(someone, at) {
  const free = [1, 2, 3].find((number) => !one(`#pane-${number}`));
  if (!free) return null;
  const taken = panes().map(who);
  const people = all(`#${panes()[0].id}-be option`).map((option) => option.value);
  const pane = document.createElement("section");
  pane.className = "pane";
  pane.id = `pane-${free}`;
  pane.setAttribute("aria-labelledby", `pane-${free}-who`);
  pane.dataset.look = `${someone || people.find((id) => !taken.includes(id)) || people[0]}@${at || "app"}`;
  pane.dataset.since = "0";
  one("#desk").append(pane);
  return pane;
}

function countPanes() {
  one("#more").hidden = panes().length >= MOST_PANES;
  one("#desk").dataset.panes = panes().length;
}

// ---------------------------------------------------------------- drawing again

const live = { since: 0, era: document.body.dataset.era, boot: document.body.dataset.boot, busy: false, again: false };

async function refresh() {
  if (live.busy) {
    live.again = true;
    return live.running;
  }
  live.busy = true;
  live.running = (async () => {
    do {
      live.again = false;
      await drawAgain();
    } while (live.again);
  })().finally(() => (live.busy = false));
  return live.running;
}

async function drawAgain() {
  const shown = panes().filter((pane) => !isHeld(pane));
  const open = document.body.dataset.open || "";
  const query = new URLSearchParams({ since: live.since, era: live.era, open });
  const asked = new Map();
  for (const pane of shown) {
    const [someone, at, thread] = look(pane);
    asked.set(pane, pane.dataset.look);
    query.append("pane", [someone, at, thread || "", pane.dataset.since || "0"].join("@"));
    query.append("number", pane.id.replace("pane-", ""));
  }
  let answer;
  try {
    const response = await fetch(`/parts?${query}`);
    answer = await response.json();
    if (!response.ok) return notice(answer.said);
  } catch {
    return; // The live connection notices, and asks again when the server is back.
  }
  if (answer.era !== live.era) return beginAgain(answer.era);
  // A tool that was opened meanwhile holds nothing yet that could be the same.
  if (open === (document.body.dataset.open || "")) live.since = answer.changes;
  else live.again = true;
  for (const [name, html] of Object.entries(answer.html)) {
    const region = one(`#${name}`);
    if (!region) continue;
    const isPane = region.classList.contains("pane");
    // What was turned elsewhere in the meantime is asked for again.
    if (isPane && (isHeld(region) || asked.get(region) !== region.dataset.look)) live.again = true;
    else if (isPane) drawPane(region, html);
    else renewChildren(region, parsed(html));
  }
  tellNews();
  countPanes();
  pointOut();
  tick();
}

// Everything began again on the server: what stands here is of another time.
function beginAgain(era) {
  live.era = era;
  live.since = 0;
  live.again = true;
  for (const pane of panes()) {
    const [someone, at] = look(pane);
    pane.dataset.look = `${someone}@${at}`;
    pane.dataset.since = "0";
  }
}

function drawPane(pane, html) {
  const fresh = parsed(html);
  const before = {
    modal: one(".modal", pane),
    field: firstOf(one(".modal", pane)),
    filled: one(".modal", pane)?.dataset.filled,
    ids: new Set(all(".message", pane).map((message) => message.id)),
    place: one(".place", pane)?.dataset.place,
    look: one(".pane-top", pane)?.dataset.look,
    end: atEnd(pane),
    focus: pane.contains(document.activeElement) ? trail(document.activeElement) : null,
    top: one(".place > .scroll", pane)?.scrollTop,
  };
  renewChildren(pane, fresh);
  const top = one(".pane-top", pane);
  pane.dataset.look = top.dataset.look;
  pane.dataset.since = top.dataset.since;
  const place = one(".place", pane)?.dataset.place;
  const moved = place !== before.place;
  const added = all(".message", pane).filter((message) => !before.ids.has(message.id));
  if (moved || (before.end && added.length)) scrollToEnd(pane);
  watchScroll(pane);
  if (before.look === pane.dataset.look) hearNews(pane, added);
  drawModal(pane, before);
}

// What arrives on several screens at once is told once, and nobody is told what they said themselves.
const heard = new Map();

function hearNews(pane, added) {
  const others = added.filter((message) => message.dataset.author !== who(pane));
  const last = others.at(-1);
  if (!last) return;
  const told = heard.get(last.dataset.ts) || { names: new Set(), count: others.length, last };
  told.names.add(one(".be", pane).selectedOptions[0].textContent);
  heard.set(last.dataset.ts, told);
}

// What is out of sight has no innerText.
function wordsOf(element) {
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const words = [];
  while (walk.nextNode()) words.push(walk.currentNode.data);
  return words.join(" ").replace(/\s+/g, " ").trim();
}

function tellNews() {
  const lines = [...heard.values()].map(({ names, count, last }) => {
    const words = wordsOf(one(".m-blocks", last));
    const what = count === 1 ? "A new message" : `${count} new messages`;
    return `${what} for ${[...names].join(" and ")}, from ${one(".m-head strong", last).textContent}: ${words.slice(0, TOLD)}`;
  });
  if (lines.length) news(lines.join(" "));
  heard.clear();
}

// ---------------------------------------------------------------- forms

function drawModal(pane, before) {
  const modal = one(".modal", pane);
  const mine = pane === acting.pane;
  if (modal && before.modal?.id === modal.id && modal.dataset.filled !== before.filled) resetFields(modal);
  if (modal && modal.id !== before.modal?.id) {
    resetFields(modal);
    if (!before.modal) acting.openers.set(pane, before.focus);
    if (mine) focusFirst(modal);
  } else if (modal && mine && document.activeElement === modal && !before.field) {
    focusFirst(modal); // An app may show a form empty at first, and fill it a moment later.
  } else if (modal && mine && acting.sent) {
    const wrong = one("[aria-invalid=true]", modal);
    if (wrong) wrong.focus();
  } else if (!modal && before.modal) {
    const opener = acting.openers.get(pane);
    acting.openers.delete(pane);
    if (mine || before.focus) focusBack(pane, opener);
  } else if (before.focus && !pane.contains(document.activeElement)) {
    focusBack(pane, before.focus);
  }
  acting.sent = false;
}

function within(selector, where) {
  return [...(where.matches(selector) ? [where] : []), ...all(selector, where)];
}

// What Slack was told now stands there; whoever takes back a later choice comes back to it.
function keepFields(where) {
  for (const field of within("input, textarea", where)) {
    if (field.type === "checkbox" || field.type === "radio") field.defaultChecked = field.checked;
    else if (field.type !== "file") field.defaultValue = field.value;
  }
  for (const option of all("option", where)) option.defaultSelected = option.selected;
}

function resetFields(where) {
  for (const field of within("input, textarea", where)) {
    if (field.type === "file") continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = field.defaultChecked;
    else field.value = field.defaultValue;
  }
  for (const option of all("option", where)) option.selected = option.defaultSelected;
  for (const list of within("select:not([multiple])", where)) {
    const chosen = [...list.options].findIndex((option) => option.defaultSelected);
    list.selectedIndex = Math.max(chosen, 0);
  }
}

function firstOf(modal) {
  return modal && (one("[data-focus]", modal) || one(".scroll :is(input, select, textarea, button, summary)", modal));
}

function focusFirst(modal) {
  const first = firstOf(modal);
  // The title is read first; the form begins where a person would begin to type.
  (first || modal).focus({ preventScroll: !first });
  one(".scroll", modal).scrollTop = 0;
}

function trail(element) {
  const ids = [];
  for (let each = element; each && !each.classList.contains("pane"); each = each.parentElement) {
    if (each.id) ids.push(each.id);
  }
  return ids;
}

function focusBack(pane, ids) {
  const found = (ids || []).map((id) => document.getElementById(id)).find((each) => each?.matches(FOCUSABLE));
  (found || one("[data-composer]", pane) || one(".scroll", pane))?.focus({ preventScroll: true });
}

const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";

// ---------------------------------------------------------------- what people do

const acting = { pane: null, openers: new Map(), queue: Promise.resolve(), sent: false, fills: new Map() };

async function post(path, body) {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Playground": "1" },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (answer.said) notice(answer.said);
    return answer;
  } catch {
    const said = "The playground does not answer. Try again in a moment.";
    notice(said);
    return { said };
  }
}

// Deeds reach the server one after the other, in the order in which they were done.
function deed(pane, words) {
  acting.pane = pane;
  if (!["fill", "choose"].includes(words.deed)) notice(""); // What an earlier deed was answered is over.
  acting.queue = acting.queue.then(() => post("/deed", { as: who(pane), ...words }));
  return acting.queue;
}

function surface(element) {
  const view = element.closest("[data-view]");
  if (view) return { view: view.dataset.view };
  const { channel, ts, version } = element.closest("[data-ts]").dataset;
  return { channel, ts, version: Number(version) };
}

function valueOf(control) {
  const kind = control.dataset.type;
  if (control.matches("fieldset")) {
    const chosen = all("input:checked", control).map((field) => field.value);
    return kind === "radio_buttons" ? chosen[0] || "" : chosen;
  }
  if (control.matches("select[multiple]")) return [...control.selectedOptions].map((option) => option.value);
  if (control.type === "file") return JSON.parse(control.dataset.files || "[]");
  return control.value;
}

function fieldsOf(element) {
  const around = element.closest("[data-view], [data-ts]");
  return all(":is(input, textarea, select, fieldset)[data-deed]", around).map((control) => ({
    block: control.dataset.block,
    action: control.dataset.action,
    value: valueOf(control),
  }));
}

async function act(control, more = {}) {
  const pane = control.closest(".pane");
  const { block, action } = control.dataset;
  if (control.dataset.confirm && !(await sure(control.dataset.confirm))) return resetFields(control);
  if (control.dataset.confirm && control.href) window.open(control.href, "_blank", "noopener,noreferrer");
  clearTimeout(acting.fills.get(control.id));
  control.setAttribute("aria-busy", "true");
  await deed(pane, {
    deed: control.dataset.deed,
    surface: surface(control),
    block,
    action,
    values: fieldsOf(control),
    ...more,
  });
  control.removeAttribute("aria-busy");
  keepFields(control);
  refresh();
}

function sure(name) {
  const asked = parsed(document.getElementById(name).innerHTML).firstElementChild;
  const dialog = document.createElement("dialog");
  dialog.className = "sure";
  const title = one("h3", asked);
  title.id = "sure-title";
  dialog.setAttribute("aria-labelledby", "sure-title");
  const ends = document.createElement("form");
  ends.method = "dialog";
  ends.className = "modal-ends";
  for (const [value, words, style] of [["no", asked.dataset.no, ""], ["yes", asked.dataset.yes, asked.dataset.style]]) {
    const button = document.createElement("button");
    button.value = value;
    button.className = `b-button ${style}`;
    button.textContent = words;
    ends.append(button);
  }
  dialog.append(asked, ends);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((answer) =>
    dialog.addEventListener("close", () => {
      answer(dialog.returnValue === "yes");
      dialog.remove();
    }),
  );
}

function told(control, event) {
  const tells = (control.dataset.tells || "").split(" ");
  if (control.dataset.deed === "choose" && !control.dataset.tells) return event === "change";
  return (event === "type" && tells.includes("type")) || (event === "enter" && tells.includes("enter"));
}

function later(control, words) {
  clearTimeout(acting.fills.get(control.id));
  acting.fills.set(
    control.id,
    setTimeout(() => {
      acting.fills.delete(control.id);
      if (!control.isConnected) return;
      if (words.deed === "choose") act(control, { value: valueOf(control) });
      else deed(control.closest(".pane"), { deed: "fill", surface: surface(control), values: fieldsOf(control) });
    }, TYPING),
  );
}

document.addEventListener("input", (event) => {
  const composer = event.target.closest("[data-composer]");
  if (composer) return hint(composer);
  if (event.target.closest("[data-suggest]")) return suggest(event.target.closest("[data-suggest]"));
  const control = event.target.closest("[data-deed]");
  if (!control || !control.matches("input, textarea")) return;
  nearFull(control);
  later(control, { deed: told(control, "type") ? "choose" : "fill" });
});

document.addEventListener("change", async (event) => {
  const be = event.target.closest("[data-be]");
  if (be) return become(be.closest(".pane"), be.value);
  const control = event.target.closest("[data-deed]");
  if (!control || control.matches("textarea, input:not([type=date], [type=time], [type=datetime-local], [type=file])")) return;
  if (control.type === "file") await upload(control);
  if (told(control, "change")) act(control, { value: valueOf(control) });
  else if (control.closest("[data-view]")) later(control, { deed: "fill" });
});

function nearFull(control) {
  const most = Number(control.getAttribute("maxlength"));
  if (!most) return;
  const left = most - control.value.length;
  if (left <= Math.max(20, most / 20)) notice(`${left} characters are left in this field.`);
}

async function upload(control) {
  const pane = control.closest(".pane");
  const files = [];
  for (const file of control.files) {
    const response = await fetch(`/upload?${new URLSearchParams({ as: who(pane), name: file.name, kind: file.type })}`, {
      method: "POST",
      headers: { "X-Playground": "1" },
      body: file,
    });
    const answer = await response.json();
    if (answer.file) files.push(answer.file);
    else notice(answer.said);
  }
  control.dataset.files = JSON.stringify(files);
}

let suggesting;
function suggest(field) {
  clearTimeout(suggesting);
  if (field.value.length < Number(field.dataset.least)) return;
  suggesting = setTimeout(async () => {
    const { block, action } = field.dataset;
    const response = await fetch("/suggest", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Playground": "1" },
      body: JSON.stringify({ as: who(field.closest(".pane")), surface: surface(field), block, action, typed: field.value }),
    });
    const answer = await response.json();
    if (answer.said) notice(answer.said);
    const list = document.getElementById(field.getAttribute("aria-controls"));
    if (!list || !answer.options) return;
    const chosen = [...list.options].filter((option) => option.selected || !option.value);
    const offered = answer.options.filter((each) => !chosen.some((option) => option.value === each.value));
    list.replaceChildren(...chosen, ...offered.map((each) => new Option(each.text, each.value)));
    notice(`${offered.length} found.`);
  }, TYPING);
}

function become(pane, someone) {
  const at = look(pane)[1];
  pane.dataset.look = `${someone}@${at === someone ? "app" : at}`;
  pane.dataset.since = "0";
  remember();
  refresh().then(() => {
    scrollToEnd(pane);
    if (look(pane)[1] === "home") deed(pane, { deed: "open", at: "home" });
  });
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("button, summary, a");
  for (const menu of all("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  if (!target || target.ariaDisabled || target.ariaBusy) return;
  const pane = target.closest(".pane");
  const data = target.dataset;
  const menu = target.closest("details.menu");
  if (menu && target.matches("button")) {
    menu.open = false;
    one("summary", menu).focus();
  }
  if (data.deed === "press") {
    if (data.confirm && target.href) event.preventDefault(); // The question comes first.
    return act(target);
  }
  if (data.deed === "choose") return act(target, { value: data.value });
  if (data.deed === "submit") return send(target);
  if (data.deed === "close") return busy(target, closeModal(pane));
  if (data.go !== undefined) return showPlaces(pane, false), go(pane, data.go);
  if (data.thread !== undefined) return openThread(pane, data.thread);
  if (data.places !== undefined) return showPlaces(pane, target.getAttribute("aria-expanded") !== "true");
  if (data.shortcut) return deed(pane, { deed: "shortcut", name: data.shortcut });
  if (data.messageShortcut) {
    return deed(pane, { deed: "message-shortcut", name: data.messageShortcut, surface: surface(target) });
  }
  if (data.hold !== undefined) return hold(pane, target);
  if (data.leave !== undefined) return leave(pane);
  if (data.move) return busy(target, passTime(data.move));
  if (data.story) return busy(target, post("/story", { do: data.story }));
  if (data.guide) return busy(target, lead(target));
  if (data.mishap) return busy(target, post("/mishap", { name: data.mishap }));
  if (data.tool) return showTool(data.tool);
  if (target.id === "again") return busy(target, post("/again", {}));
  if (target.id === "more") return more();
});

// While a button waits, a second click on it does not count.
async function busy(target, doing) {
  target.setAttribute("aria-busy", "true");
  await doing;
  target.removeAttribute("aria-busy");
}

async function send(target) {
  acting.pane = target.closest(".pane");
  for (const field of all("[data-deed]", target.closest(".modal"))) clearTimeout(acting.fills.get(field.id));
  target.setAttribute("aria-busy", "true");
  await deed(acting.pane, { deed: "submit", surface: surface(target), values: fieldsOf(target) });
  target.removeAttribute("aria-busy");
  await refresh();
  acting.sent = true;
  const modal = one(".modal", acting.pane);
  one("[aria-invalid=true]", modal || document.createElement("p"))?.focus();
  acting.sent = false;
}

function closeModal(pane) {
  const { view } = one(".modal", pane).dataset;
  return deed(pane, { deed: "close", surface: { view } }).then(refresh);
}

async function openThread(pane, ts) {
  const left = look(pane)[2];
  await turn(pane, look(pane)[1], ts);
  const began = left && one(`.place .message[data-ts="${left}"]`, pane);
  const opener = began && (one(".answers", began) || one(":scope > .menu > summary", began));
  (one(".thread [data-composer]", pane) || opener || one("[data-composer]", pane))?.focus();
}

function showPlaces(pane, open) {
  one("[data-places]", pane).setAttribute("aria-expanded", String(open));
  one(".places", pane).toggleAttribute("data-open", open);
  // Where the places are shown on demand only, a hidden one keeps no focus.
  if (!open && !document.activeElement.offsetParent) one("[data-places]", pane).focus();
}

function hold(pane, button) {
  const held = !isHeld(pane);
  pane.dataset.held = held ? "1" : "";
  button.setAttribute("aria-pressed", String(held));
  button.textContent = held ? "Let this screen go on" : "Let this screen stand still";
  notice(held ? "This screen stands still: what you press on it is what it showed before." : "");
  if (!held) refresh();
}

function leave(pane) {
  if (panes().length < 2) return notice("One screen must stay.");
  pane.remove();
  remember();
  countPanes();
  panes()[0].querySelector("select").focus();
}

async function more() {
  const pane = addPane();
  if (!pane) return;
  remember();
  await refresh();
  one("select", pane).focus();
}

function showTool(name) {
  const open = one(`[data-tool=${name}][aria-expanded]`).getAttribute("aria-expanded") !== "true";
  const others = name === "guide" ? ["guide"] : ["inspector", "mishaps"];
  for (const other of others) {
    const shown = other === name && open;
    one(`#${other}`).hidden = !shown;
    one(`[data-tool=${other}][aria-expanded]`).setAttribute("aria-expanded", String(shown));
  }
  if (name !== "guide") {
    document.body.dataset.open = open ? name : "";
    live.since = 0;
    remember();
  } else {
    document.body.classList.toggle("no-guide", !open);
    if (!open) one("[data-tool=guide][aria-expanded]").focus();
  }
  return refresh();
}

document.addEventListener(
  "toggle",
  async (event) => {
    const more = event.target;
    if (!more.matches?.("[data-entry]") || !more.open) return;
    const response = await fetch(`/entry/${more.dataset.entry}`);
    one(".json", more).replaceChildren(parsed(await response.text()));
  },
  true,
);

// ---------------------------------------------------------------- writing and commands

document.addEventListener("submit", (event) => {
  if (!event.target.matches(".composer")) return;
  event.preventDefault();
  write(event.target);
});

function write(form) {
  const field = one("[data-composer]", form);
  const pane = form.closest(".pane");
  const text = field.value;
  if (!text.trim()) return;
  field.value = "";
  hint(field);
  deed(pane, { deed: "write", text, at: look(pane)[1], thread: form.dataset.threadOf }).then((answer) => {
    if (answer.said && !field.value) field.value = text;
    refresh().then(() => scrollToEnd(pane));
  });
}

function hint(field) {
  const list = document.getElementById(field.getAttribute("aria-controls"));
  const usage = document.getElementById(`${field.id}-usage`);
  const typed = field.value;
  const [command] = typed.split(" ", 1);
  let shown = 0;
  for (const option of all("li", list)) {
    const fits = typed.startsWith("/") && !typed.includes(" ") && option.dataset.command.startsWith(typed);
    option.hidden = !fits || option.dataset.command === typed;
    shown += !option.hidden;
    option.setAttribute("aria-selected", "false");
  }
  const exact = all("li", list).find((option) => option.dataset.command === command);
  usage.textContent = exact?.dataset.usage ? `${command} ${exact.dataset.usage}` : "";
  usage.hidden = !usage.textContent;
  if (list.hidden && shown) news(`${shown === 1 ? "1 command" : `${shown} commands`} to choose from with the arrow keys.`);
  list.hidden = !shown;
  field.removeAttribute("aria-activedescendant");
}

function complete(field, option) {
  field.value = `${option.dataset.command} `;
  field.focus();
  hint(field);
}

function choose(field, step) {
  const options = all("li:not([hidden])", document.getElementById(field.getAttribute("aria-controls")));
  if (!options.length) return false;
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const next = options[(at + step + options.length + (at < 0 && step < 0 ? 1 : 0)) % options.length];
  for (const option of options) option.setAttribute("aria-selected", String(option === next));
  field.setAttribute("aria-activedescendant", next.id);
  return true;
}

document.addEventListener("mousedown", (event) => {
  const option = event.target.closest(".hints li");
  if (!option) return;
  event.preventDefault();
  complete(one("[data-composer]", option.closest("form")), option);
});

document.addEventListener("keydown", (event) => {
  const composer = event.target.closest?.("[data-composer]");
  if (composer) return writing(event, composer);
  const pane = event.target.closest?.(".pane");
  if (event.key === "Escape") {
    const menu = event.target.closest?.("details.menu[open], details.multi[open]");
    if (menu) {
      menu.open = false;
      one("summary", menu).focus();
    } else if (pane && one(".modal", pane)) {
      event.preventDefault();
      closeModal(pane);
    } else if (pane && one(".places[data-open]", pane)) showPlaces(pane, false);
    else if (pane && one(".thread", pane)) openThread(pane, "");
  }
  if (event.key === "Enter" && event.target.matches?.("input[data-tells]") && told(event.target, "enter")) {
    event.preventDefault();
    act(event.target, { deed: "choose", value: valueOf(event.target), enter: true });
  }
});

document.addEventListener("focusout", ({ target, relatedTarget }) => {
  const menu = target.closest?.("details.menu[open]");
  if (menu && relatedTarget && !menu.contains(relatedTarget)) menu.open = false;
});

function writing(event, field) {
  const list = document.getElementById(field.getAttribute("aria-controls"));
  const active = all("li", list).find((option) => option.getAttribute("aria-selected") === "true" && !list.hidden);
  if (event.key === "ArrowDown" && !list.hidden && choose(field, 1)) event.preventDefault();
  else if (event.key === "ArrowUp" && !list.hidden && choose(field, -1)) event.preventDefault();
  else if (event.key === "Escape" && !list.hidden) {
    list.hidden = true;
    field.removeAttribute("aria-activedescendant");
  } else if (event.key === "Escape" && !field.value && field.closest(".thread")) {
    openThread(field.closest(".pane"), "");
  } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    if (active) complete(field, active);
    else write(field.form);
  }
}

// ---------------------------------------------------------------- the guide and the story

async function lead(button) {
  const { who: someone, at, point } = button.closest(".step-deeds").dataset;
  if (button.dataset.guide !== "look") {
    await show(someone, "");
    acting.pane = panes().find((pane) => who(pane) === someone);
    // Words that were typed a moment ago must not come after those of the guide, and replace them.
    for (const waiting of acting.fills.values()) clearTimeout(waiting);
    acting.queue = acting.queue.then(() => post("/guide", { do: button.dataset.guide }));
    await acting.queue;
    return refresh();
  }
  const pane = await show(someone, at);
  const target = pointed() || (point.startsWith("/") ? one("[data-composer]", pane) : null) || one(".scroll", pane);
  target?.scrollIntoView({ block: "center" });
  target?.focus({ preventScroll: true });
  return undefined;
}

async function show(someone, at) {
  let pane = panes().find((each) => who(each) === someone);
  if (!pane) {
    pane = addPane(someone, at) || panes().at(-1);
    pane.dataset.look = `${someone}@${at || "app"}`;
    pane.dataset.since = "0";
    remember();
    await refresh();
  } else if (at && look(pane)[1] !== at) await go(pane, at);
  return pane;
}

const pointed = () => one(".pointed");

// Marks what the guide's next step is about, wherever it stands at the moment.
function pointOut() {
  for (const marked of all(".pointed")) {
    marked.classList.remove("pointed");
    marked.removeAttribute("aria-description");
  }
  const step = one(".step-deeds");
  if (!step || one("#guide")?.hidden) return;
  const { who: someone, at, point } = step.dataset;
  if (!point) return;
  const pane = panes().find((each) => who(each) === someone);
  const target = point.startsWith("clock: ")
    ? one(`[data-move="${point.slice(7)}"]`)
    : pane && (point.startsWith("/") ? one("[data-composer]", pane) : labelled(pane, point));
  const mark = target || (pane && at && one(`[data-go="${at}"]`, pane));
  if (!mark) return;
  mark.classList.add("pointed");
  mark.setAttribute("aria-description", "The next step of the guide");
}

function labelled(pane, words) {
  const modal = one(".modal", pane);
  const found = all("button", modal || pane).filter((button) => button.textContent.trim() === words);
  return found.at(-1);
}

const story = { turn: null };

async function follow({ number, who: someone, at }) {
  if (number === story.turn) return;
  story.turn = number;
  acting.pane = null; // The story moves no focus.
  await show(someone, at);
}

// ---------------------------------------------------------------- the clock

async function passTime(move) {
  const { said } = await post("/time", { move });
  await refresh();
  if (said === "") notice(`It is now ${one("#now").textContent}.`);
}

const clock = { offset: 0 };

function tick() {
  const shown = one("#now");
  if (shown?.dataset.now && shown.dataset.now !== clock.told) {
    clock.told = shown.dataset.now;
    clock.offset = Number(clock.told) - Date.now();
  }
  if (!shown) return;
  const words = new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZone: document.body.dataset.zone,
  }).formatToParts(new Date(Date.now() + clock.offset));
  const part = (name) => words.find((each) => each.type === name).value;
  const now = `${part("weekday")} ${part("day")} ${part("month")} ${part("year")}, ${part("hour")}:${part("minute")}`;
  if (shown.textContent !== now) shown.textContent = now;
}

setInterval(tick, 1000);

// ---------------------------------------------------------------- live

function listen() {
  const source = new EventSource("/live");
  source.onmessage = (event) => {
    const told = JSON.parse(event.data);
    one("#away").hidden = true;
    if (told.boot !== live.boot) return location.reload();
    // Where the story had turned the screens before this page was opened is over.
    if (story.turn === null) story.turn = told.turn.number;
    else follow(told.turn);
    return refresh();
  };
  source.onerror = () => {
    one("#away").hidden = false;
    source.close();
    setTimeout(listen, 1000);
  };
}

countPanes();
for (const pane of panes()) {
  pane.dataset.since = one(".pane-top", pane).dataset.since;
  scrollToEnd(pane);
  watchScroll(pane);
  if (look(pane)[1] === "home" && !one(".view", pane)) deed(pane, { deed: "open", at: "home" });
}
pointOut();
listen();
document.body.dataset.ready = "1";
