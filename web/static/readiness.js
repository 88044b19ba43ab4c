// Says that the search is starting, for as long as its model is being loaded. A
// question that comes before is answered all the same, only later.

const AGAIN = 1000; // milliseconds between two looks
const LONGEST = 120; // looks; a model that takes longer is in trouble, and says so itself
const WORDS = "The search is starting; questions wait a few seconds.";

export async function watchReadiness(place) {
  for (let look = 0; look < LONGEST && (await isStarting(place.dataset.health)); look += 1) {
    if (!place.textContent) place.textContent = WORDS;
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
  place.textContent = "";
}

async function isStarting(address) {
  try {
    return (await (await fetch(address)).json()).status === "starting";
  } catch {
    return false; // not reached, or no answer of ours
  }
}
