// Looks again at the run while one is under way.

const place = document.querySelector("[data-run]");
const EVERY = 2000; // milliseconds
const MOST_FAILURES = 30; // in a row, after which the server is gone for good

let failures = 0;

async function look() {
  try {
    const answer = await fetch(place.dataset.run);
    if (!answer.ok) throw new Error(answer.statusText);
    const text = await answer.text();
    const found = new DOMParser().parseFromString(text, "text/html").querySelector(".run");
    const shown = place.querySelector(".run");
    // A reader is not taken out of what has not changed.
    if (found && found.outerHTML !== shown.outerHTML) shown.replaceWith(found);
    failures = 0;
  } catch {
    failures += 1;
  }
  wait();
}

function wait() {
  const isLive = place.querySelector(".run").dataset.live === "yes";
  if (isLive && failures < MOST_FAILURES) setTimeout(look, EVERY);
}

if (place) wait();
