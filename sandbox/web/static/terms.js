// Terms that explain themselves on hover, focus and tap: <button class="term" data-term="meaning">POA</button>.
// One tip for the page, placed by hand so that no scrolling pane cuts it off; Escape closes it; it can be hovered itself.
const tip = document.createElement("div");
tip.className = "term-tip";
tip.id = "term-tip";
tip.setAttribute("role", "tooltip");
tip.hidden = true;
document.body.append(tip);

let shown = null;
let closing = 0;

function show(term) {
  clearTimeout(closing);
  if (shown === term) return;
  hide();
  shown = term;
  tip.textContent = term.dataset.term;
  tip.hidden = false;
  term.setAttribute("aria-describedby", tip.id);
  const at = term.getBoundingClientRect();
  const size = tip.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, innerWidth - size.width - 8));
  const below = at.bottom + 6 + size.height < innerHeight - 8;
  tip.style.left = `${left}px`;
  tip.style.top = `${below ? at.bottom + 6 : Math.max(8, at.top - 6 - size.height)}px`;
}

function hide() {
  clearTimeout(closing);
  if (!shown) return;
  shown.removeAttribute("aria-describedby");
  shown = null;
  tip.hidden = true;
}

const later = () => { clearTimeout(closing); closing = setTimeout(hide, 180); };
const termAt = (event) => event.target.closest?.(".term");

document.addEventListener("pointerover", (event) => {
  if (termAt(event) && event.pointerType !== "touch") show(termAt(event));
  else if (event.target === tip) clearTimeout(closing);
});
document.addEventListener("pointerout", (event) => { if (shown && (termAt(event) || event.target === tip)) later(); });
document.addEventListener("focusin", (event) => { if (termAt(event)) show(termAt(event)); else if (shown) hide(); });
document.addEventListener("focusout", (event) => { if (termAt(event)) later(); });
document.addEventListener("click", (event) => {
  if (termAt(event)) show(termAt(event));
  else if (event.target !== tip) hide();
});
document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
addEventListener("scroll", hide, { capture: true, passive: true });
