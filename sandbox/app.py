"""Turns a House into a Flask application: blueprints, templates of seats, headers, sessions, the first hospital."""

from __future__ import annotations

import re
import secrets
import time
from datetime import timedelta
from typing import Any

import flask_login
from flask import Flask, Response, current_app, g, jsonify, request, send_from_directory
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader
from werkzeug.middleware.proxy_fix import ProxyFix

from sandbox import __version__, attempts, classroom, sample
from sandbox.config import Settings
from sandbox.errors import NotFound
from sandbox.fhir import store
from sandbox.founding import first_hospital, grow_behind, unfinished
from sandbox.house import House, Progress, open_house
from sandbox.web import (
    builder,
    chart,
    compare,
    connect,
    dashboard,
    desk,
    display,
    encoder,
    fhir_api,
    leaving,
    limits,
    pages,
    policy,
    problems,
    signin,
    sql,
    teach,
    told,
    viewing,
    words,
)
from sandbox.web import house as the_house

_DAY = 86400.0  # seconds
_ROOMS = (words, display, problems, pages, signin, leaving, desk, chart, encoder, sql, builder, compare, teach, told,
          connect, dashboard, fhir_api)


def create_app(settings: Settings | None = None, house: House | None = None,
               progress: Progress = lambda _: None) -> Flask:
    """The application. Without a house it opens the one that the settings (or the environment) describe."""
    house = house or open_house(settings or Settings.read(), progress)
    first_hospital(house, progress)
    take_up(house)
    app = Flask("sandbox.web", static_folder="static", template_folder="templates")
    app.extensions["two_seats"] = house
    app.config.update(
        SECRET_KEY=house.settings.session_key(), MAX_CONTENT_LENGTH=limits.BUNDLE, MAX_FORM_MEMORY_SIZE=limits.BODY,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30), SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_NAME="two_seats", WTF_CSRF_TIME_LIMIT=None, RATELIMIT_ENABLED=house.settings.rate_limits,
        TEMPLATES_AUTO_RELOAD=False, RATELIMIT_HEADERS_ENABLED=False)
    if house.settings.proxies:
        n = house.settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, n, n, n, n)  # type: ignore[method-assign]
    _pages_of_seats(app, house)
    _guards(app)
    for room in _ROOMS:
        app.register_blueprint(room.bp)
    app.add_url_rule("/healthz", view_func=healthz)
    app.add_url_rule("/favicon.ico", view_func=favicon)
    app.add_url_rule("/role/<seat>/<activity>/<path:file>", view_func=role_file)
    app.extensions["behind"] = grow_behind(house)
    _daily(app, house)
    return app


def take_up(house: House) -> None:
    """Judge attempts that were never judged: a crash in a grader costs nobody anything. What was deleted thirty days
    ago goes for good, and sample classes whose making was cut off."""
    purge(house)
    with house.db.writing() as conn:
        for each in classroom.left_half_made(conn):
            sample.remove(conn, each.id, sample.cast_of(conn, each.id))
    with house.db.reading() as conn:
        waiting = attempts.unsettled(conn)
    for id in waiting:
        attempts.settle(house, id, house.db.reading, house.db.writing)


def purge(house: House) -> None:
    """Take away for good the classes, places in classes and accounts that were deleted more than thirty days ago."""
    with house.db.writing() as conn:
        gone = classroom.purge(conn)
    if gone:
        house.labs.tidy(house.db.reading)


def _daily(app: Flask, house: House) -> None:
    """A house that is never started anew purges too: with the first request after each day."""
    last = time.monotonic()

    @app.before_request
    def tidy() -> None:
        nonlocal last
        if time.monotonic() - last > _DAY:
            last = time.monotonic()
            purge(house)


def healthz() -> Response:
    """Whether the house stands: status, version, the default hospital's id and counts."""
    house: House = the_house()
    with house.db.reading() as conn:
        found, more = store.default_hospital(conn), unfinished(conn, house.settings)
    info: dict[str, Any] = {"status": "ok" if found else "building", "version": __version__, "hospital": None,
                            "building": more}
    if found:
        info["hospital"] = {"id": found.ws, "name": found.name, "today": found.today.isoformat(),
                            "total": sum(found.counts.values()), "counts": found.counts}
    return jsonify(info)


def favicon() -> Response:
    """The mark, where a browser looks for it without being told: beside a page part or JSON opened by itself."""
    return current_app.send_static_file("icon.svg")


def role_file(seat: str, activity: str, file: str) -> Response:
    """The scripts and styles of an activity's page; nothing else of its folder."""
    chairs = the_house().seats
    if not re.fullmatch(r"[a-z]{1,40}\.(js|css)", file) or seat not in chairs or activity not in chairs[seat].folders:
        raise NotFound("There is no such file.")
    return send_from_directory(chairs[seat].folders[activity], file)


def _pages_of_seats(app: Flask, house: House) -> None:
    folders = {f"{seat.name}.{name}": FileSystemLoader(folder)
               for seat in house.seats.values() for name, folder in seat.folders.items()}
    own = app.jinja_loader
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.loader = ChoiceLoader([loader for loader in (own, PrefixLoader(folders)) if loader])


def _guards(app: Flask) -> None:
    app.before_request(limits.measure)  # before the CSRF guard reads the form
    csrf = CSRFProtect(app)
    csrf.exempt(fhir_api.bp)  # bearer tokens only; a session's cookie reads there and never writes
    login = flask_login.LoginManager(app)
    login.user_loader(policy.load_member)
    limits.limiter.init_app(app)
    app.before_request(policy.greet)
    app.before_request(viewing.guard)
    app.context_processor(lambda: {"nonce": _nonce()})

    app.session_interface = _Sessions()
    app.after_request(harden)


class _Sessions(SecureCookieSessionInterface):
    """Signed cookies that are Secure exactly where the request came over HTTPS: a class on http:// can sign in too."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether this answer's cookie is for HTTPS alone."""
        return request.is_secure


def _nonce() -> str:
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def harden(response: Response) -> Response:
    """Headers on every answer: no inline script, no framing by strangers, no guessing of types."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", "; ".join((
        "default-src 'none'", "script-src 'self'", f"style-src 'self' 'nonce-{_nonce()}'", "img-src 'self' data:",
        "font-src 'self'", "connect-src 'self'", "frame-src 'self'", "form-action 'self'", "base-uri 'none'",
        "frame-ancestors 'self'")))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if not request.path.startswith(("/static/", "/role/")):
        headers.setdefault("Cache-Control", "no-store")
    return response
