"""A small application with the encoder alone, as the house serves it: for the encoder's own tests."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from flask import Flask, render_template_string, request
from hospital_rounds import real_codes as opened

from sandbox.errors import SandboxError
from sandbox.web import display, encoder, words

WEB = Path(encoder.__file__).parent
PAGE = """<!doctype html><html lang="en" data-bs-theme="{{ theme }}"><head><meta charset="utf-8"><title>Encoder</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/static/vendor/bootstrap.min.css"><link rel="stylesheet" href="/static/tokens.css">
<link rel="stylesheet" href="/static/app.css"></head><body data-seat="him"><main><h1 class="visually-hidden">Desk</h1>
<form id="work"><section aria-labelledby="enc">{% include "encoder.html" %}</section><input name="codes" hidden></form>
<ol id="added"></ol></main><script type="module" src="/static/encoder.js"></script>
<script type="module" src="/listen.js"></script></body></html>"""
LISTEN = """const codes = [];
document.getElementById("work").addEventListener("input", () => document.body.dataset.heard = "yes");
document.addEventListener("encoder:add", ({ detail }) => {
  codes.push(detail.code);
  const line = document.createElement("li");
  line.textContent = `${detail.code} ${detail.title}`;
  document.getElementById("added").append(line);
  document.dispatchEvent(new CustomEvent("codes:changed", { detail: { codes } }));
});"""


def application(offered: tuple[str, ...] = ()) -> Flask:
    """The encoder on a bare page, with the house's Content-Security-Policy."""
    app = Flask("encoder", template_folder=str(WEB / "templates"), static_folder=str(WEB / "static"))
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.extensions["two_seats"] = SimpleNamespace(codes=opened())
    app.jinja_env.filters["day"] = words.day
    for room in (display, encoder):
        app.register_blueprint(room.bp)
    first = [opened().get(code) for code in offered]
    app.add_url_rule("/", "page", lambda: render_template_string(
        PAGE, offered=first, theme=request.args.get("theme", "light")))
    app.add_url_rule("/listen.js", view_func=lambda: (LISTEN, {"Content-Type": "text/javascript"}), endpoint="listen")
    app.register_error_handler(SandboxError, lambda problem: (
        problem.message, problem.status, {"Content-Type": "text/plain; charset=utf-8"}))

    @app.after_request
    def strict(response):  # type: ignore[no-untyped-def]
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'")
        return response

    return app
