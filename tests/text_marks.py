"""The mark of a text fragment in Chromium: is it on the right words?

No script can ask for it: the mark gets a colour of its own, and a picture of the window
shows where that is.
"""

from __future__ import annotations

import base64
import re
from unicodedata import normalize
from urllib.parse import unquote

from playwright.sync_api import Page

WAITS = (50, 400)  # milliseconds after loading: Chromium looks again a while
COVERED = 0.6  # of the words' area in the window has to be marked …
WITHIN = 0.5  # … and of the mark has to lie on the words

MARK = (
    "::target-text{background:rgb(255,0,255)!important;color:rgb(255,0,255)!important}"
)

# Finds the pieces of an answer in the page by their letters and digits alone; gives the
# rectangles of every visible stretch from the first piece to the last.
FIND = r"""pieces => {
  const letters = [], places = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (/^(SCRIPT|STYLE|NOSCRIPT|TEMPLATE)$/.test(node.parentNode.nodeName)) continue;
    for (let i = 0; i < node.data.length; i++)
      for (const c of node.data[i].normalize('NFKC').toLowerCase())
        if (/[\p{L}\p{N}]/u.test(c)) { letters.push(c); places.push([node, i]); }
  }
  const text = letters.join('');
  const first = pieces[0], last = pieces[pieces.length - 1], found = [];
  for (let at = text.indexOf(first); at >= 0; at = text.indexOf(first, at + 1)) {
    const end = pieces.length > 1 ? text.indexOf(last, at + first.length) : at;
    if (end < 0 || end - at > 3000) continue;
    const range = document.createRange();
    range.setStart(...places[at]);
    const [node, i] = places[end + last.length - 1];
    range.setEnd(node, i + 1);
    const boxes = [];
    const walk = document.createTreeWalker(range.commonAncestorContainer,
                                           NodeFilter.SHOW_TEXT);
    for (let n = walk.currentNode; n; n = walk.nextNode()) {
      if (n.nodeType !== 3 || !range.intersectsNode(n) || !n.data.trim()) continue;
      const part = document.createRange();
      part.selectNodeContents(n);
      if (n === range.startContainer) part.setStart(n, range.startOffset);
      if (n === range.endContainer) part.setEnd(n, range.endOffset);
      for (const r of part.getClientRects()) boxes.push([r.x, r.y, r.right, r.bottom]);
    }
    if (boxes.some(b => b[2] - b[0] > 2 && b[3] - b[1] > 2)) found.push(boxes);
  }
  return found;
}"""

# Measures a picture: the share of the boxes that is marked, and of the mark in them.
MEASURE = r"""async ([picture, found]) => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + picture;
  await image.decode();
  const canvas = document.createElement('canvas');
  const w = canvas.width = image.width, h = canvas.height = image.height;
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const data = context.getImageData(0, 0, w, h).data;
  const marked = new Uint8Array(w * h);
  let total = 0;
  for (let i = 0; i < w * h; i++)
    if (data[4*i] > 250 && data[4*i+1] < 5 && data[4*i+2] > 250)
      { marked[i] = 1; total++; }
  const measures = found.map(boxes => {
    const inside = new Uint8Array(w * h);
    let area = 0, both = 0;
    for (const [x0, y0, x1, y1] of boxes)
      for (let y = Math.max(0, Math.ceil(y0)); y < Math.min(h, Math.floor(y1)); y++)
        for (let x = Math.max(0, Math.ceil(x0)); x < Math.min(w, Math.floor(x1)); x++)
          if (!inside[y*w + x])
            { inside[y*w + x] = 1; area++; both += marked[y*w + x]; }
    return [area ? both / area : 0, total ? both / total : 0];
  });
  return [total, measures];
}"""


def letters(text: str) -> str:
    """The letters and digits of a text, as FIND compares them."""
    return "".join(filter(str.isalnum, normalize("NFKC", text).lower()))


def pieces(text: str) -> list[str]:
    """The letters of a text's prose, in pieces between its formulas."""
    prose = re.split(r"\$\$.*?\$\$|\$[^$]*\$|\\\(.*?\\\)|`", text, flags=re.DOTALL)
    return [piece for piece in map(letters, prose) if len(piece) >= 3]


def named(url: str) -> list[str]:
    """The letters of the beginning and of the end that a link names."""
    texts = url.partition(":~:text=")[2].split(",")
    return [letters(unquote(one)) for one in texts if not one.endswith("-")]


def mark_seen(page: Page, canvas: Page, wanted: list[str]) -> str:
    """Say if the words of these pieces are marked in an open page: "right"; "elsewhere"
    where other words are, "unmarked" where none are, "lost" where these are not on the
    page. ``canvas`` is any page to measure the picture in."""
    page.add_style_tag(content=MARK)
    seen = ""
    for wait in WAITS:
        page.wait_for_timeout(wait)
        seen = _seen(page, canvas, wanted)
        if seen == "right":
            break
    return seen


def _seen(page: Page, canvas: Page, wanted: list[str]) -> str:
    found = page.evaluate(FIND, [one for one in wanted if one] or ["?"])
    picture = base64.b64encode(page.screenshot()).decode()
    total, measures = canvas.evaluate(MEASURE, [picture, found])
    if any(share >= COVERED and of >= WITHIN for share, of in measures):
        return "right"
    if not found:
        return "lost, marked" if total else "lost"
    return f"elsewhere {measures}" if total else "unmarked"
