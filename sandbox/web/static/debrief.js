// A finding that is opened is written down, so that another try can follow; without a script, buttons do the same.
const box = document.querySelector("[data-again]");
if (box) {
  const attempt = location.pathname, sent = new Set(), csrf = box.querySelector("[name=csrf_token]").value;
  let waiting = [], timer = 0;
  const send = async () => {
    const body = new URLSearchParams({csrf_token: csrf});
    waiting.splice(0).forEach((name) => body.append("criterion", name));
    const answer = await fetch(`${attempt}/opened`, {method: "POST", body, headers: {Accept: "application/json"}});
    if (!answer.ok) return;
    const {left} = await answer.json();
    box.dataset.left = left;
    if (left) return;
    box.querySelector("[data-unopened]")?.remove();
    box.querySelector("[data-try]").hidden = false;
  };
  const seen = (finding) => {
    const name = finding.id.slice(2);
    if (!finding.open || sent.has(name) || finding.closest("details.folded:not([open])")) return;
    sent.add(name);
    waiting.push(name);
    clearTimeout(timer);
    timer = setTimeout(send, 400);
  };
  const findings = document.querySelectorAll("details.finding.m, details.finding.x, details.finding.p");
  for (const finding of findings) {
    seen(finding);
    finding.addEventListener("toggle", () => seen(finding));
  }
  for (const fold of document.querySelectorAll("details.folded")) {
    fold.addEventListener("toggle", () => fold.querySelectorAll("details.finding").forEach(seen));
  }
}
