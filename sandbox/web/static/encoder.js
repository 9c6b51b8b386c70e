// The encoder: search as she types, open a hit for its notes and choices, add a code.
//
// Speaks by events on document: out encoder:add {code, title}; in codes:changed {codes} and encoder:note {text}.
// Keys: down and up move through the hits, Enter opens, Esc closes, then returns to the search box, then empties it.
const bar = document.querySelector("[data-encoder]");
const results = document.getElementById("enc-results");
const input = document.getElementById("enc-q");
const count = document.getElementById("enc-count");
const PAUSE = 130; // milliseconds after the last key

if (bar && results) start();

function start() {
  const found = results.querySelector("[data-found]");
  const offered = results.querySelector("[data-offered]");
  let listed = [];
  let note = "";
  let waiting = 0;
  let asking = null;

  // Nothing typed or ticked here is part of the work, so the desk's form must not hear of it.
  for (const place of [bar, results]) {
    for (const kind of ["input", "change"]) place.addEventListener(kind, (event) => event.stopPropagation());
  }

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      clearTimeout(waiting);
      search().then(() => {
        const first = hits()[0];
        if (first) open(first.closest("li")).then(() => first.focus());
      });
    } else if (event.key === "ArrowDown" && hits().length) {
      event.preventDefault();
      hits()[0].focus();
    } else if (event.key === "Escape" && input.value) {
      event.preventDefault();
      input.value = "";
      search();
    }
  });
  bar.parentElement.querySelector("[data-search-all]")?.addEventListener("click", () => {
    reveal();
    input.focus();
  });

  results.addEventListener("click", (event) => {
    const hit = event.target.closest(".hit");
    const go = event.target.closest("[data-go]");
    const add = event.target.closest("[data-add]");
    const more = event.target.closest("[data-more]");
    if (more) unfold(more);
    if (hit) hit.getAttribute("aria-expanded") === "true" ? close(hit.closest("li")) : open(hit.closest("li"));
    if (go) {
      event.preventDefault();
      load(go.closest("li"), go.dataset.go);
    }
    if (add) press(add.closest("[data-open]"));
  });
  results.addEventListener("change", (event) => {
    const panel = event.target.closest("[data-open]");
    if (panel) label(panel);
  });
  results.addEventListener("keydown", (event) => {
    const li = event.target.closest("li[data-code]");
    if (!li) return;
    const onHit = event.target.classList.contains("hit");
    if (event.key === "Escape") {
      event.preventDefault();
      const hit = li.querySelector(".hit");
      if (hit.getAttribute("aria-expanded") === "true") {
        close(li);
        hit.focus();
      } else if (!input.parentElement.hidden) input.focus();
    } else if (onHit && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const all = hits();
      const next = all.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1);
      if (all[next]) all[next].focus();
      else if (next < 0 && !input.parentElement.hidden) input.focus();
    } else if (event.key === "Enter" && event.target.type === "radio") {
      event.preventDefault();
      press(event.target.closest("[data-open]"));
    }
  });

  document.addEventListener("codes:changed", (event) => {
    listed = (event.detail?.codes || []).map((code) => (typeof code === "string" ? code : code.code));
    mark(results);
  });
  document.addEventListener("encoder:note", (event) => {
    note = event.detail?.text || "";
    results.querySelectorAll("[data-note]").forEach((place) => (place.textContent = note));
  });

  function hits() {
    return [...results.querySelectorAll(".hit")].filter((hit) => hit.offsetParent !== null);
  }

  function reveal() {
    input.parentElement.hidden = false;
    const words = bar.querySelector("[data-offer-note]");
    if (words) words.hidden = true;
  }

  async function search() {
    const phrase = input.value;
    if (offered) offered.hidden = phrase.trim() !== "";
    asking?.abort();
    if (!phrase.trim()) {
      found.replaceChildren();
      count.textContent = "";
      return;
    }
    if (found.dataset.phrase === phrase && found.firstElementChild) return;
    asking = new AbortController();
    const here = asking;
    try {
      const answer = await fetch(`${bar.dataset.search}?q=${encodeURIComponent(phrase)}`, { signal: here.signal });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      found.innerHTML = await answer.text(); // the house's own template, which escapes
      found.dataset.phrase = phrase;
      const many = Number(found.firstElementChild?.dataset.count || 0);
      count.textContent = many === 1 ? "1 code found" : many ? `${many} codes found, best first` : "No code found";
      results.scrollTop = 0;
      mark(found);
    } catch (problem) {
      if (problem.name !== "AbortError") say(found, "The encoder did not answer. Your list is safe; try again in a moment.");
    }
  }

  // The rest of a long list of codes; focus goes on to what follows.
  function unfold(button) {
    const rest = button.nextElementSibling;
    rest.hidden = false;
    if (document.activeElement === button) {
      rest.tabIndex = -1;
      rest.focus();
    }
    button.remove();
  }

  function say(place, words) {
    const line = document.createElement("p");
    line.className = "enc-empty small bad";
    line.setAttribute("role", "alert");
    line.textContent = words;
    place.replaceChildren(line);
    delete found.dataset.phrase;
  }

  function close(li) {
    const hit = li.querySelector(".hit");
    hit.setAttribute("aria-expanded", "false");
    hit.classList.remove("open");
    li.querySelector("[data-panel]")?.remove();
  }

  async function open(li) {
    results.querySelectorAll('.hit[aria-expanded="true"]').forEach((hit) => close(hit.closest("li")));
    const hit = li.querySelector(".hit");
    hit.setAttribute("aria-expanded", "true");
    hit.classList.add("open");
    await load(li, li.dataset.code);
  }

  async function load(li, code) {
    let place = li.querySelector("[data-panel]");
    if (!place) {
      place = document.createElement("div");
      place.dataset.panel = "";
      li.append(place);
    }
    const inside = place.contains(document.activeElement);
    try {
      const answer = await fetch(new URL(encodeURIComponent(code), new URL(bar.dataset.search, location.href)));
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      place.innerHTML = await answer.text();
    } catch {
      say(place, "This code could not be opened. Try again in a moment.");
      return;
    }
    if (!place.isConnected) return;
    const panel = place.querySelector("[data-open]");
    panel.querySelector("[data-note]").textContent = note;
    mark(place);
    label(panel);
    if (inside) (panel.querySelector("input:checked, input") || panel.querySelector("[data-add]")).focus();
    li.scrollIntoView({ block: "nearest" });
  }

  // What the choices come to: {code, title, billable}, or {missing} with what is still to be chosen.
  function chosen(panel) {
    const sets = [...panel.querySelectorAll("[data-part]")];
    if (!sets.length) return { code: panel.dataset.open, title: panel.dataset.title, billable: panel.dataset.billable === "yes" };
    const picked = sets.map((set) => set.querySelector("input:checked"));
    const missing = sets.filter((_, n) => !picked[n]).map((set) => set.dataset.name);
    if (missing.length) return { missing };
    const [first, second] = picked;
    if (second) {
      return { code: first.value + second.dataset.code, title: `${first.dataset.title}, ${second.dataset.title}`, billable: true };
    }
    const seventh = sets[0].dataset.part === "seventh";
    const title = seventh ? `${panel.dataset.title.replace(/, [^,]*$/, (end) => (panel.dataset.billable === "yes" ? "" : end))}, ${first.dataset.title}` : first.dataset.title;
    return { code: first.value, title, billable: first.dataset.billable === "yes" };
  }

  function label(panel) {
    const button = panel.querySelector("[data-add]");
    const words = button.querySelector("[data-words]");
    const choice = chosen(panel);
    const has = choice.code && listed.includes(choice.code);
    button.disabled = Boolean(choice.missing) || Boolean(has);
    if (choice.missing) words.textContent = `Choose the ${choice.missing.join(" and ")}`;
    else if (has) words.textContent = `${choice.code} is on your list`;
    else words.textContent = choice.billable ? `Add ${choice.code}` : `Go on to ${choice.code}-`;
  }

  function press(panel) {
    const choice = chosen(panel);
    if (choice.missing || (choice.billable && listed.includes(choice.code))) return;
    if (!choice.billable) {
      load(panel.closest("li"), choice.code);
      return;
    }
    const detail = { code: choice.code, title: choice.title };
    document.dispatchEvent(new CustomEvent("encoder:add", { detail }));
    count.textContent = `${choice.code} added`;
    label(panel);
  }

  // What the list holds already: hits that stand on it, and codes named in notes.
  function mark(place) {
    place.querySelectorAll("li[data-code]").forEach((li) => {
      const kind = li.querySelector("[data-kind]");
      kind.dataset.own ??= kind.textContent;
      const on = listed.some((code) => code === li.dataset.code || (kind.dataset.own && code.startsWith(li.dataset.code)));
      kind.classList.toggle("on", on);
      kind.replaceChildren(...(on ? [tick(), " on list"] : [kind.dataset.own]));
    });
    place.querySelectorAll("[data-pattern]").forEach((span) => {
      const on = listed.some((code) => covers(span.dataset.pattern, code));
      span.querySelector(".on-list")?.remove();
      span.classList.toggle("named", on);
      if (!on) return;
      const words = document.createElement("span");
      words.className = "on-list ok nowrap";
      words.append(" ", tick(), " on your list");
      span.append(words);
    });
    place.querySelectorAll("[data-rest][hidden]").forEach((rest) => rest.querySelector(".named") && unfold(rest.previousElementSibling));
    place.querySelectorAll("[data-open]").forEach(label);
  }

  function tick() {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "i i-s");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `${bar.dataset.sprite}#i-check`);
    svg.append(use);
    return svg;
  }
}

// As sandbox/terminology/patterns.py, without the limits on last characters: those it leaves unmarked.
export function covers(pattern, code) {
  if (pattern.includes(" with ")) return false;
  const plain = code.replace(".", "");
  const [low, high] = (/^(.{3,8})-(.{3,8})$/.exec(pattern)?.slice(1) || [pattern, pattern]).map((end) => end.replace(/[.-]/g, ""));
  if (low === high) return plain.startsWith(low);
  return plain.slice(0, low.length) >= low && plain.slice(0, high.length) <= high;
}
