// A search box for the pages of another site: <blog-search site="blog.example">, or this
// script with data-site. Data never becomes markup, and nothing is kept in the browser.
// web/embedding/script.py takes comments and indents out: at most 5,000 bytes are served.
(() => {
  const script = document.currentScript;
  const HOME = new URL(".", script.src);
  // Milliseconds without a key until the server is asked, and until that is given up.
  const PAUSE = 350, PATIENCE = 20000;
  // Results shown; where none surely answers; characters of a quote.
  const MOST = 5, NEAREST = 3, LONGEST = 320;
  const SILENT = "The search can’t be reached just now.";

  // A constructed sheet, as a strict policy of the page forbids written ones.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host{
    display:block;color-scheme:light dark;overflow-wrap:anywhere;
    --ink:var(--blog-search-ink,light-dark(#1f1d1a,#e9e4db));
    --paper:var(--blog-search-paper,light-dark(#fff,#1f1c19));
    --accent:var(--blog-search-accent,light-dark(#9a3412,#f2a27e));
    --mark:var(--blog-search-mark,light-dark(#fbe2cb,#5a331b));
    padding:1em;background:var(--paper);color:var(--ink)}
    *{margin:0;padding:0;list-style:none}
    form{display:flex;flex-wrap:wrap;gap:.5em}
    label{flex:100%}
    input,button{min-height:2.25em;padding:0 .75em;border:1px solid;background:none;color:inherit;font:inherit}
    input{flex:1;min-width:0}
    :focus-visible{outline:2px solid var(--accent);outline-offset:2px}
    li,p{margin-top:.75em}
    a{color:var(--accent)}
    time{margin-left:.75em;white-space:nowrap}
    mark{background:var(--mark);color:var(--ink)}
  `);

  const make = (name, fields, ...inside) => {
    const made = Object.assign(document.createElement(name), fields);
    made.append(...inside);
    return made;
  };

  // A name or a password in an address shows one host and leads to another.
  const link = (address, text) => {
    try {
      const { protocol, username, password, href } = new URL(address);
      if (/^https?:$/.test(protocol) && !username && !password) return make("a", { href }, text);
    } catch {}
    return text;
  };

  // Spans count code points, as the server does.
  const quote = ({ text, highlights, answer }) => {
    const signs = [...text];
    let at = answer && signs.length > LONGEST ? answer[0] : 0;
    const to = Math.min(signs.length, at + LONGEST);
    const cut = (end) => signs.slice(at, (at = end)).join("");
    const parts = [at ? "… " : ""];
    for (const [start, end] of highlights) {
      if (start >= at && end <= to) parts.push(cut(start), make("mark", {}, cut(end)));
    }
    return make("blockquote", {}, ...parts, cut(to), to < signs.length ? " …" : "");
  };

  const result = ({ url, title, published, passages: [best] }) => {
    const item = make("li", {}, link(best?.url || url, title || url));
    if (published) {
      const day = new Date(published).toLocaleDateString([], { dateStyle: "medium", timeZone: "UTC" });
      item.append(make("time", { dateTime: published }, day));
    }
    if (best) item.append(quote(best));
    return item;
  };

  const summary = ({ query, corrected, confident, total }, shown) => {
    const asked = ` “${corrected || query}”`;
    if (!shown) return `Nothing here answers${asked}.`;
    if (!confident) return `Nothing here surely answers${asked}. Nearest to it:`;
    return `${shown < total ? `${shown} of ` : ""}${total} result${total > 1 ? "s" : ""} for${asked}`;
  };

  const build = (host) => {
    const site = host.getAttribute("site") || "";
    const box = make("input", { id: "q", type: "search", autocomplete: "off" });
    const said = make("p", { role: "status" });
    const list = make("ol", { role: "list", lang: "" });
    const form = make(
      "form", { role: "search" },
      make("label", { htmlFor: "q" }, `Search ${site ? "this blog" : "the blogs"}`),
      box, make("button", {}, "Search"),
    );
    const all = make("div", { lang: "en" }, form, said, list);
    let request, timer;

    const stop = () => {
      clearTimeout(timer);
      request?.abort();
      request = null;
    };

    const show = (text, ...results) => {
      said.textContent = text;
      list.replaceChildren(...results);
    };

    const ask = async () => {
      stop();
      const q = box.value.trim();
      if (!q) return show("");
      const own = request = new AbortController();
      const asked = new URLSearchParams({ q, site });
      said.textContent = "Searching…";
      try {
        const reply = await fetch(`${HOME}api/search?limit=${MOST}&${asked}`, {
          signal: AbortSignal.any([own.signal, AbortSignal.timeout(PATIENCE)]),
        });
        const answer = await reply.json();
        if (own !== request) return;
        if (!reply.ok) return show(reply.status < 500 ? answer.error.message : SILENT);
        const shown = answer.results.slice(0, answer.confident ? answer.total : NEAREST);
        show(summary(answer, shown.length), ...shown.map(result));
        if (answer.confident && answer.total > MOST) list.append(make("li", {}, link(`${HOME}?${asked}`, "All results")));
      } catch {
        // What was stopped for the next question has nothing to say.
        if (own === request) show(SILENT);
      }
    };

    const wait = ({ isComposing }) => {
      if (isComposing) return;
      stop();
      timer = setTimeout(ask, box.value.trim() && PAUSE);
    };

    box.oninput = wait;
    box.addEventListener("compositionend", () => wait({}));
    form.onsubmit = (event) => {
      event.preventDefault();
      ask();
    };
    all.onkeydown = ({ key, isComposing }) => {
      if (key !== "Escape" || isComposing) return;
      box.value = "";
      box.focus();
      ask();
    };
    Object.assign(host.attachShadow({ mode: "open" }), { adoptedStyleSheets: [sheet] }).append(all);
  };

  customElements.get("blog-search") || customElements.define("blog-search", class extends HTMLElement {
    connectedCallback() {
      this.shadowRoot || build(this);
    }
  });
  const { site } = script.dataset;
  if (site != null) {
    const made = make("blog-search");
    made.setAttribute("site", site);
    // In the head there is no place for it.
    script.closest("body") ? script.after(made) : document.body.append(made);
  }
})();
