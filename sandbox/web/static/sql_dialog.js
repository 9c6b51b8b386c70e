// What opens over the lab: a table's sample rows, and the builder. Outside the desk's form, so nothing in it is work.
let last = 0;

export function dialog(title) {
  const made = Object.assign(document.createElement("dialog"), { className: "lab-dialog" });
  const id = `lab-dialog-${++last}`;
  const head = Object.assign(document.createElement("div"), { className: "pane-head" });
  const heading = Object.assign(document.createElement("h2"), { id, className: "grow", textContent: title });
  const close = Object.assign(document.createElement("button"), { className: "btn btn-bare btn-s", type: "button", textContent: "Close" });
  const body = Object.assign(document.createElement("div"), { className: "lab-dialog-body" });
  made.setAttribute("aria-labelledby", id);
  head.append(heading, close);
  made.append(head, body);
  close.addEventListener("click", () => made.close());
  made.addEventListener("close", () => made.remove());
  document.body.append(made);
  made.showModal();
  return { made, body };
}

async function part(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (answer.ok) return await answer.text();
  } catch { /* said below */ }
  return '<p class="sql-empty">The server did not answer. Close this and try again in a moment.</p>';
}

export async function sample(workspace, table) {
  const { body } = dialog(table);
  body.innerHTML = await part(`/lab/${workspace}/sample/${encodeURIComponent(table)}`);
}

// The builder: each choice asks the server for the form and its SQL again; `take` gets the SQL when she wants it.
export async function builder(workspace, take) {
  const { made, body } = dialog("Build a query");
  let turn = 0;
  const show = async (said) => {
    const asked = ++turn;
    const text = await part(`/lab/${workspace}/builder?part=1&${said}`);
    if (asked !== turn) return;
    const focused = body.contains(document.activeElement) ? document.activeElement.id : "";
    body.innerHTML = text;
    const button = body.querySelector("[data-take]");
    if (button) {
      button.hidden = false;
      button.addEventListener("click", () => { const sql = body.querySelector("[data-sql-text]").textContent; made.close(); take(sql); });
    }
    (document.getElementById(focused) ?? body.querySelector("select"))?.focus();
  };
  body.addEventListener("change", (event) => {
    const form = event.target.closest("[data-builder]");
    if (form) show(new URLSearchParams(new FormData(form)));
  });
  body.addEventListener("submit", (event) => { event.preventDefault(); show(new URLSearchParams(new FormData(event.target))); });
  await show("");
}
