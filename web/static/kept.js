// What this browser keeps for the page: the theme, the switch of the single keys, the
// recent questions. Nothing of it goes to the server. Storage may be forbidden or full
// (private windows); then nothing is kept, and nobody is told.

const PREFIX = "blogsearch.";
const MOST = 8; // recent questions
const LONGEST = 200; // characters of a question that is kept

export function read(name) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
}

export function write(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // See above.
  }
}

export function remove(name) {
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    // See above.
  }
}

export function recentQuestions() {
  const kept = read("recent");
  if (!Array.isArray(kept)) return [];
  return kept.filter((question) => typeof question === "string" && question).slice(0, MOST);
}

export function remember(question) {
  const asked = question.trim();
  if (!asked || asked.length > LONGEST) return;
  write("recent", [asked, ...others(asked)].slice(0, MOST));
}

export function forget(question) {
  write("recent", others(question));
}

export function forgetAll() {
  remove("recent");
}

function others(question) {
  const same = question.toLowerCase();
  return recentQuestions().filter((kept) => kept.toLowerCase() !== same);
}
