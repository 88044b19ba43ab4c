// What this browser keeps for the page: the theme and the recent questions. Nothing of
// it goes to the server. Storage may be forbidden or full (private windows); then
// nothing is kept, and nobody is told.

const PREFIX = "blogsearch.";

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
