// The last questions that were asked in this browser; they never leave it.

import { read, remove, write } from "./storage.js";

const MOST = 8;
const LONGEST = 200; // characters of a question that is kept

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
