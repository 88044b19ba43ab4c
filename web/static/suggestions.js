// Suggestions under the search box: articles for what is being typed, or the recent
// questions while it is empty. An answer is shown only for the very text in the box;
// what goes wrong is not said, as nobody asked yet.

import { Combobox } from "./combobox.js";
import { forget, forgetAll, recentQuestions } from "./kept.js";

// Milliseconds without a key until the server is asked, and between two requests:
// at most 171 a minute (web/rate_limit.py allows 180 where questions have 60).
const PAUSE = 150;
const BETWEEN = 350;
// Milliseconds that the suggestions for the text before stay while new ones are fetched.
const STALE = 500;
// Characters below which a text is no question yet; one of these scripts says more.
const SHORTEST = 3;
const SHORTEST_OF_SYLLABLES = 2;
const SYLLABLES = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}/u;
const TROUBLED = [429, 500, 503]; // answers that a pause may better
const KEPT = 50; // answers kept for who goes back over the text

export function startSuggestions(box) {
  const answers = new Map();
  const combobox = new Combobox(box, { ask: offer, cancel: stop });
  let request = null;
  let timer = 0;
  let dropping = 0;
  let lastAsked = -BETWEEN;
  let silentUntil = 0;

  function offer() {
    const typed = question(box);
    if (!typed) return showRecent();
    const known = answers.get(key(box));
    if (known) show(known);
    else if (isLongEnough(typed)) schedule();
  }

  function changed() {
    stop();
    const typed = question(box);
    if (!typed) return showRecent();
    const known = answers.get(key(box));
    if (known) return show(known);
    if (!isLongEnough(typed)) return combobox.close();
    if (combobox.isOpen) {
      combobox.isBusy = true;
      dropping = setTimeout(() => combobox.close(), STALE);
    }
    schedule();
  }

  function stop() {
    clearTimeout(timer);
    clearTimeout(dropping);
    request?.abort();
    request = null;
  }

  function schedule() {
    clearTimeout(timer);
    const now = performance.now();
    const wait = Math.max(PAUSE, lastAsked + BETWEEN - now, silentUntil - now);
    timer = setTimeout(ask, wait);
  }

  async function ask() {
    const asked = key(box);
    const own = new AbortController();
    request = own;
    lastAsked = performance.now();
    let found = [];
    try {
      const reply = await fetch(`${box.dataset.suggest}?${asked}`, { signal: own.signal });
      if (reply.ok) {
        found = (await reply.json()).suggestions;
        keep(asked, found);
      } else if (TROUBLED.includes(reply.status)) {
        const seconds = Number(reply.headers.get("Retry-After")) || 1;
        silentUntil = performance.now() + 1000 * seconds;
      }
    } catch {
      // Aborted, or offline.
    }
    if (own.signal.aborted || asked !== key(box)) return;
    request = null;
    clearTimeout(dropping);
    if (document.activeElement === box) show(found);
  }

  function keep(asked, found) {
    answers.set(asked, found);
    if (answers.size > KEPT) answers.delete(answers.keys().next().value);
  }

  function show(found) {
    combobox.show(found.map(articleOption), "Suggestions");
  }

  function showRecent() {
    const kept = recentQuestions();
    const options = kept.map((asked) => recentOption(box, asked, showRecent));
    if (kept.length) options.push(forgetAllOption(() => combobox.close()));
    combobox.show(options, "Recent questions");
  }

  box.addEventListener("input", (event) => {
    if (!event.isComposing) changed();
  });
  box.addEventListener("compositionend", changed);
  // Not where the page itself puts the focus into the box: the list would cover it,
  // and nobody asked.
  for (const kind of ["focus", "click"]) {
    box.addEventListener(kind, () => {
      if (!box.value && !combobox.isOpen && isUsed()) showRecent();
    });
  }
  box.addEventListener("blur", stop);
  box.form.addEventListener("submit", stop);
  addEventListener("pagehide", () => combobox.close());
}

function isUsed() {
  return navigator.userActivation?.hasBeenActive ?? true;
}

function question(box) {
  return box.value.trim().replace(/\s+/g, " ");
}

// The question with the form's filters: what the server is asked, and what an answer is for.
function key(box) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(box.form)) {
    if (value && name !== box.name) fields.append(name, value);
  }
  fields.set(box.name, question(box));
  return fields.toString();
}

function isLongEnough(typed) {
  const shortest = SYLLABLES.test(typed) ? SHORTEST_OF_SYLLABLES : SHORTEST;
  return [...typed].length >= shortest;
}

function articleOption(found) {
  const node = element("li", "suggestion");
  const title = element("span", "suggestion-title", found.title);
  const quote = element("span", "suggestion-quote");
  quote.append(...marked(found.quote, found.highlights));
  node.append(title, " ", element("span", "suggestion-site", found.site), " ", quote);
  node.lang = "";
  return { node, choose: (event) => open(found.url, event) };
}

function recentOption(box, asked, showAgain) {
  const node = element("li", "recent");
  const cross = element("span", "forget", "×");
  cross.dataset.forget = "";
  cross.title = "Forget this question";
  cross.setAttribute("aria-hidden", "true"); // the Delete key does the same
  node.append(element("span", "recent-question", asked), cross);
  node.setAttribute("aria-keyshortcuts", "Delete");
  return {
    node,
    choose() {
      box.value = asked;
      box.form.requestSubmit();
    },
    forget() {
      forget(asked);
      showAgain();
    },
  };
}

function forgetAllOption(close) {
  const node = element("li", "forget-all", "Forget all recent questions");
  return {
    node,
    counts: false,
    choose() {
      forgetAll();
      close();
    },
  };
}

// Texts are set as texts: nothing from a blog becomes markup.
function element(tag, name, text = "") {
  const node = document.createElement(tag);
  node.className = name;
  node.textContent = text;
  return node;
}

// Spans count characters, JavaScript counts UTF-16 units.
function marked(text, spans) {
  const signs = [...text];
  const parts = [];
  let at = 0;
  for (const [start, end] of spans) {
    parts.push(signs.slice(at, start).join(""), element("mark", "", signs.slice(start, end).join("")));
    at = end;
  }
  parts.push(signs.slice(at).join(""));
  return parts;
}

function open(url, event) {
  const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.button === 1;
  if (elsewhere) window.open(url, "_blank", "noopener");
  else location.assign(url);
}
