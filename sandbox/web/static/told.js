// What who teaches her has to say, on whatever page a learner has open; and word of where she is, for the live page.
//
// Every eight seconds while the page is looked at. A message appears at the top, is read out politely, and takes neither
// the focus nor a word of her work. A page that is not looked at is silent; one that is refused stops asking.
const place = document.getElementById("told");
const csrf = () => document.querySelector("meta[name=csrf-token]").content;
let checks = 0;
document.addEventListener("desk:checked", () => { checks += 1; });
document.getElementById("work")?.addEventListener("input", () => { checks = 0; });

function draw(notes) {
  const wanted = new Set(notes.map((note) => note.id));
  for (const old of place.querySelectorAll("[data-told]")) {
    if (!wanted.has(old.dataset.told) && !old.contains(document.activeElement)) old.remove();
  }
  for (const note of notes.reverse()) {
    if (place.querySelector(`[data-told="${CSS.escape(note.id)}"]`)) continue;
    const made = document.createElement("template");
    made.innerHTML = note.html;
    place.prepend(made.content);
  }
}

async function tell() {
  const answer = await fetch("/here", {
    method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf() },
    body: JSON.stringify({ path: location.pathname, checks }),
  });
  if (answer.status >= 400 && answer.status < 500) return false;
  if (answer.ok) draw((await answer.json()).notes);
  return true;
}

// Putting a message away leaves the page as it is; where that fails, the form is sent as any other.
place?.addEventListener("submit", async (event) => {
  const form = event.target, note = form.closest("[data-told]");
  event.preventDefault();
  try {
    const answer = await fetch(form.action, { method: "POST", headers: { Accept: "application/json", "X-CSRFToken": csrf() } });
    if (!answer.ok) throw new Error(answer.status);
    const held = note.contains(document.activeElement);
    note.remove();
    if (held) (place.querySelector("button") ?? document.getElementById("main"))?.focus({ preventScroll: true });
  } catch { form.submit(); }
});

async function round() {
  let goes = true;
  if (!document.hidden) { try { goes = await tell(); } catch { /* no net just now: the next round tries again */ } }
  if (goes) setTimeout(round, 6400 + 3200 * Math.random());
}
if (place) setTimeout(round, 4000 + 6000 * Math.random());
