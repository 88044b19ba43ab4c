// An answer that a language model composes of the quotes on the page, sentence by
// sentence as it is written. Whatever it writes is set as text.

const place = document.querySelector("[data-composed]");
const form = place.querySelector("form");
const answer = place.querySelector("[data-answer]");
const said = place.querySelector("[data-said]");
const message = place.querySelector("[data-message]");
const cancel = place.querySelector("[data-cancel]");
const list = place.querySelector("[data-sources]");
const BROKEN = "The connection broke off.";
let request = null;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  compose();
});
cancel.addEventListener("click", () => request?.abort());

async function compose() {
  request = new AbortController();
  said.replaceChildren();
  list.replaceChildren();
  answer.hidden = false;
  answer.dataset.state = "waiting";
  cancel.hidden = false;
  form.hidden = true;
  message.textContent = "The model reads the quotes.";
  cancel.focus();
  const end = await ask(request.signal);
  // Whoever is still at the button goes to what comes in its place.
  const wasHere = document.activeElement === cancel;
  answer.dataset.state = said.hasChildNodes() ? "said" : "nothing";
  message.textContent = end.message;
  cancel.hidden = true;
  form.hidden = end.isDone;
  if (wasHere) (end.isDone ? answer : form.querySelector("button")).focus();
}

// Gives what is to be said of the end, and if another try is of no use.
async function ask(signal) {
  try {
    const reply = await fetch(form.dataset.stream, { signal });
    if (!reply.ok) return { message: (await reply.json()).error.message, isDone: false };
    for await (const [name, data] of events(reply.body)) {
      if (name === "sources") data.sources.forEach(addSource);
      else if (name === "sentence") addSentence(data);
      else if (name === "end") return { message: data.message, isDone: true };
      else if (name === "error") return { message: data.message, isDone: false };
    }
    return { message: BROKEN, isDone: false };
  } catch {
    return { message: signal.aborted ? "Cancelled." : BROKEN, isDone: false };
  }
}

// Server-sent events: lines of "event: name" and "data: JSON", a blank line after each.
async function* events(body) {
  let text = "";
  for await (const piece of pieces(body.pipeThrough(new TextDecoderStream()))) {
    const parts = (text + piece).split("\n\n");
    text = parts.pop();
    for (const part of parts) {
      const lines = part.split("\n");
      const value = (name) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      if (value("event")) yield [value("event"), JSON.parse(value("data"))];
    }
  }
}

// Not every browser can go through a stream by itself.
async function* pieces(stream) {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

// A source is there from the start, and shown once it is cited.
function addSource(source) {
  const item = element("li", { id: `quote-${source.n}`, value: source.n, hidden: true });
  const line = element("p");
  const name = source.url
    ? element("a", { href: source.url, rel: "noopener" })
    : element("span");
  name.textContent = source.title;
  name.lang = "";
  line.append(name);
  if (source.site) line.append(" ", element("span", { className: "aside", textContent: source.site, lang: "" }));
  item.append(line, element("blockquote", { textContent: source.text, lang: "" }));
  list.append(item);
}

function addSentence(sentence) {
  message.textContent = "";
  const whole = element("span", { textContent: sentence.text });
  for (const number of sentence.citations) {
    const link = element("a", { href: `#quote-${number}`, className: "cite", textContent: `[${number}]` });
    link.setAttribute("aria-label", `Quote ${number}`);
    whole.append(" ", link);
    document.getElementById(`quote-${number}`).hidden = false;
  }
  said.append(whole, " ");
}

function element(name, told = {}) {
  return Object.assign(document.createElement(name), told);
}
