"""Sessions: who is locked after a while, what ends them, what cannot be planted in them, and forms from elsewhere."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from itertools import product
from typing import Any

import pytest
from flask import Flask
from houses import Person, instructor

from sandbox import people, workspace
from sandbox.app import create_app
from sandbox.house import House
from sandbox.web import policy

TASK = "/task/first-half-hour/him-cough"
PASSWORD = "three words in a row"
HOUR = 3600


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The edge's clock, that a test puts forward: `clock(minutes)`."""
    real, ahead = time.time, [0.0]
    monkeypatch.setattr(policy.time, "time", lambda: real() + ahead[0])

    def forward(minutes: float) -> None:
        ahead[0] += 60 * minutes

    return forward


@pytest.fixture
def limited(house: House) -> Iterator[Flask]:
    """The same house with its limits on."""
    object.__setattr__(house.settings, "rate_limits", True)
    app = create_app(house=house)
    app.testing = True
    yield app
    from sandbox.web.limits import limiter

    limiter.reset()
    limiter.enabled = False


def signed_up(app: Flask, login: str = "ada") -> Person:
    """Somebody with an account."""
    person = Person(app)
    person.get("/signup")
    person.post("/signup", login=login, name=login.title(), password=PASSWORD)
    return person


def cookie(person: Person) -> str:
    """The session cookie that her browser holds."""
    found = person.client.get_cookie("two_seats")
    assert found is not None
    return found.value


def with_cookie(app: Flask, value: str) -> Person:
    """Another browser that holds this cookie."""
    person = Person(app)
    person.client.set_cookie("two_seats", value)
    return person


def locked(person: Person) -> bool:
    """Whether the account page leads to the sign-in."""
    answer = person.client.get("/account")
    return answer.status_code == 303 and answer.location.startswith("/signin")


def draft(person: Person, version: int, text: str) -> int:
    """Save a draft and say what came of it."""
    return person.client.put(f"{TASK}/draft", json={"version": version, "form": {"hand": text}},
                             headers={"X-CSRFToken": person.csrf()}).status_code


def test_an_account_is_locked_after_a_quarter_of_an_hour_and_its_draft_is_kept(app: Flask, clock: Any) -> None:
    """Fourteen minutes are a pause, sixteen are an empty chair; after signing in she goes on where she was."""
    ada = signed_up(app)
    ada.get(TASK)
    assert draft(ada, 0, "what she typed") == 200
    clock(14)
    assert not locked(ada)
    clock(14)
    assert not locked(ada), "a click counts from then on"
    clock(16)
    assert locked(ada)
    assert draft(ada, 1, "by whoever sits there now") == 401
    page = ada.get(TASK)
    assert "what she typed" not in page and f'name="next" value="{TASK}"' in page
    ada.post("/signin", login="ada", password=PASSWORD, next=TASK)
    assert "what she typed" in ada.page


def test_who_submits_after_the_lock_is_led_back_to_her_desk(app: Flask, clock: Any) -> None:
    """By way of the sign-in page; from an address that only takes forms, to the front."""
    ada = signed_up(app, "ada")
    ada.get("/task/first-half-hour/him-cough")
    clock(16)
    for path, way in (("/task/first-half-hour/him-cough", "/signin?next=/task/first-half-hour/him-cough"),
                      ("/account/everywhere", "/signin"), ("/teach/c-1/assign", "/signin")):
        assert ada.post(path, 303, follow=False, token="x" * 20).location == way


def test_a_guest_resumes_by_her_cookie_for_thirty_days(app: Flask, clock: Any) -> None:
    """No account, no lock: the browser's signed cookie is the way back, and it says for how long."""
    ada = Person(app).sit_down()
    ada.get(TASK)
    assert draft(ada, 0, "what she typed") == 200
    clock(24 * 60)
    again = with_cookie(app, cookie(ada))
    assert "what she typed" in again.get(TASK)
    answer = again.client.get("/")
    assert any("Expires=" in head and "HttpOnly" in head for head in answer.headers.getlist("Set-Cookie"))


def test_a_cookie_that_was_changed_is_nobodys(app: Flask) -> None:
    """The signature is checked; a bent cookie is a stranger's, not an error."""
    ada = cookie(Person(app).sit_down())
    last = "A" if ada[-3] != "A" else "B"
    for bent in (ada[:-3] + last + ada[-2:], "x" + ada, "", ada.split(".")[0], ada.replace(".", "", 1)):
        assert locked(with_cookie(app, bent)), bent
    assert not locked(with_cookie(app, ada))


def test_a_session_is_a_new_one_after_every_way_in(app: Flask) -> None:
    """Nothing planted before sign-in, sign-up, a link or a class code is left in it: not the form's token either."""
    signed_up(app, "ben")
    ways = (("/begin", {}), ("/signup", {"login": "ada", "name": "Ada", "password": PASSWORD}),
            ("/signin", {"login": "ben", "password": PASSWORD}))
    for path, form in ways:
        ada = Person(app)
        with ada.client.session_transaction() as planted:
            planted["planted"] = "by Mallory"
        before = ada.csrf()
        ada.post(path, **form)
        with ada.client.session_transaction() as session:
            assert "planted" not in session, path
        assert ada.csrf() != before, path


def test_a_guest_session_that_mallory_planted_does_not_open_adas_account(app: Flask) -> None:
    """The guest's id becomes the account's; the guest's old cookie does not become the account's session."""
    mallory = Person(app).sit_down()
    planted = cookie(mallory)
    ada = with_cookie(app, planted)
    ada.get("/signup")
    ada.post("/signup", login="ada", name="Ada", password=PASSWORD)
    assert not locked(ada)
    assert locked(with_cookie(app, planted))


def test_a_guests_cookie_is_no_session_of_the_account_she_signed_in_to(app: Flask) -> None:
    """Her work moved; the cookie of the guest she was opens nothing."""
    signed_up(app)
    ada = Person(app).sit_down()
    old = cookie(ada)
    ada.get("/signin")
    ada.post("/signin", login="ada", password=PASSWORD)
    assert not locked(ada)
    assert locked(with_cookie(app, old))


def test_a_guest_who_comes_in_by_a_link_brings_her_work_along(app: Flask, house: House) -> None:
    """Whoever tried a task first and pressed the instructor's link then, or set a new password."""
    with house.db.writing() as conn:
        ada = people.register(conn, None, "ada", "Ada", PASSWORD)
        links = {"/welcome/": people.instructor_link(conn), "/new-password/": people.reset_link(conn, ada.id)}
    for way, link in links.items():
        guest = Person(app).sit_down()
        guest.get(TASK)
        assert draft(guest, 0, f"typed before {way}") == 200
        guest.get(way + link)
        guest.post(way + link, new=PASSWORD)
        assert f"typed before {way}" in guest.get(TASK)


def test_signing_out_everywhere_ends_every_session_and_a_new_password_every_other(app: Flask) -> None:
    """On every machine; drafts and work are still in the account."""
    here, there = signed_up(app), Person(app)
    there.get("/signin")
    there.post("/signin", login="ada", password=PASSWORD)
    here.get("/account")
    here.post("/account/password", old=PASSWORD, new="four other quiet words")
    assert not locked(here) and locked(there)
    kept = cookie(here)
    here.post("/account/everywhere")
    assert locked(here) and locked(with_cookie(app, kept))


def test_signing_out_asks_first_and_warns_a_guest(app: Flask) -> None:
    """A link or a picture on another site cannot sign her out; a guest is told what she would lose."""
    ada = Person(app).sit_down()
    assert "nobody can reach it again" in ada.get("/signout") and not locked(ada)
    ada.post("/signout")
    assert locked(ada)
    ben = signed_up(app, "ben")
    assert "Your work is kept in your account" in ben.get("/signout")


FORMS = ("/begin", "/signin", "/signup", "/signout", "/join", "/account/password", "/account/everywhere", "/connect",
         "/connect/revoke", TASK, f"{TASK}/hint", f"{TASK}/step/check", "/teach/", "/lab/w-none/run", "/reset/w-none",
         "/welcome/x", "/new-password/x", f"{TASK}/draft")


def test_a_form_from_elsewhere_is_refused_and_says_what_to_do(app: Flask, house: House) -> None:
    """No token, a bent one, another person's: 400 with the way on; she is still who she was, nothing is made."""
    ada, ben = Person(app).sit_down(), Person(app).sit_down()
    with house.db.reading() as conn:
        before = workspace.every(conn)
    for path in FORMS:
        for token in ("", "bent", ben.csrf()):
            form = {"csrf_token": token, "login": "eve", "password": PASSWORD, "name": "Eve"}
            answer = ada.client.post(path, data=form)
            assert answer.status_code == 400 and "reload the page" in answer.text, path
        assert not locked(ada)
    with house.db.reading() as conn:
        assert workspace.every(conn) == before
        with pytest.raises(Exception, match="belong together"):
            people.sign_in(conn, "eve", PASSWORD)


def test_a_script_without_the_token_is_told_in_json(app: Flask) -> None:
    """The desk can say it in its own words."""
    ada = Person(app).sit_down()
    answer = ada.client.put(f"{TASK}/draft", json={"version": 0, "form": {}})
    assert answer.status_code == 400 and "reload" in answer.json["problem"]["hint"]


def test_a_reset_link_works_once_and_only_for_a_learner_of_the_class(app: Flask) -> None:
    """Shown to Ines alone; opened twice, its second reader gets nothing; the old password and sessions are gone."""
    ines, ada, mallory = instructor(app), signed_up(app), signed_up(app, "mallory")
    ines.post("/teach/", name="Autumn")
    code = re.search(r'Join code</span><b class="code">([^<]+)<', ines.page)
    course = re.search(r"/teach/(c-\w+)/assign", ines.page)
    assert code and course
    ada.post("/join", code=code[1])
    ada_id, mallory_id = ada.client.get("/account") and who(ada), who(mallory)
    ines.post(f"/teach/{course[1]}/reset/{mallory_id}", 404)
    mallory.post(f"/teach/{course[1]}/reset/{ada_id}", 404)
    ines.get(f"/teach/{course[1]}")
    ines.post(f"/teach/{course[1]}/reset/{ada_id}")
    link = re.search(r"/new-password/[\w-]+", ines.page)
    assert link
    anew = Person(app)
    anew.get(link[0])
    anew.post(link[0], 400, new="short")
    anew.post(link[0], new="four quiet words here")
    assert locked(ada) and not locked(anew)
    late = Person(app)
    late.get(link[0], 404)
    assert "used already" in late.page or "used already" in late.client.get(link[0]).text
    late.page = ""
    late.post(link[0], 404, new="five other quiet words here")


def who(person: Person) -> str:
    """The id of the person whose session this is."""
    with person.client.session_transaction() as session:
        return str(session["_user_id"]).partition("|")[0]


EVIL = ("//evil.example", "https://evil.example", "/\\evil.example", "\\/evil.example", "/\t/evil.example",
        "/\r/evil.example", "/\n/evil.example", "\t//evil.example", "javascript:alert(1)", "/\x00/evil.example",
        "data:text/html,x", "//evil.example/%2f..", "http:evil.example", "/\x7f/evil.example", "/a\\..\\\\evil.example")


def test_next_leads_to_no_other_house(app: Flask) -> None:
    """By sign-in, sign-up and as a guest; nor does the page carry it on in a link."""
    signed_up(app, "ben")
    ways = [("/signin", {"login": "ben", "password": PASSWORD}), ("/begin", {}),
            ("/signup", {"login": "ada", "name": "Ada", "password": PASSWORD})]
    for number, (evil, (path, form)) in enumerate(product(EVIL, ways)):
        form = {**form, "login": f"ada-{number}"} if path == "/signup" else form
        ada = Person(app)
        page = ada.client.get("/signin", query_string={"next": evil})
        assert "evil.example" not in page.text and "alert(1)" not in page.text
        answer = ada.post(path, 303, follow=False, next=evil, **form)
        safe = re.fullmatch(r"/(?![/\\])[\x21-\x7e]*", answer.location) and "evil" not in answer.location
        assert safe, (path, evil, answer.location)


def test_guessing_a_password_is_stopped_whoever_guesses(limited: Flask) -> None:
    """Twenty wrong ones a minute for one name; a fresh session or a new guest gets no further ones; Ada's class can."""
    signed_up(limited)
    codes = []
    for n in range(24):
        mallory = Person(limited) if n % 2 else Person(limited).sit_down()
        mallory.get("/signin")
        codes.append(mallory.client.post("/signin", data={"login": " ADA" if n % 3 else "ada", "password": f"wrong {n}",
                                                          "csrf_token": mallory.csrf()}).status_code)
    assert codes == [400] * 20 + [429] * 4
    mallory.page = ""
    answer = mallory.post("/signin", 429, login="ada", password=PASSWORD)
    assert "Wait a minute" in answer.text and "Nothing was lost" in answer.text
    ben = signed_up(limited, "ben")
    assert not locked(ben), "others at the same address are not stopped"


def test_a_class_that_signs_in_together_is_no_attack(limited: Flask) -> None:
    """Forty right class codes from one address within a minute; wrong ones are stopped after thirty."""
    ines = instructor(limited)
    ines.post("/teach/", name="Autumn")
    code = re.search(r'Join code</span><b class="code">([^<]+)<', ines.page)
    assert code
    for _ in range(40):
        learner = Person(limited)
        learner.get("/join")
        learner.post("/join", 303, follow=False, code=code[1])
    mallory = Person(limited)
    mallory.get("/join")
    tried = [mallory.client.post("/join", data={"code": f"FERN-{n}x", "csrf_token": mallory.csrf()}).status_code
             for n in range(32)]
    assert tried == [404] * 30 + [429] * 2


def test_the_cookie_is_for_https_alone_where_the_request_came_by_https(app: Flask) -> None:
    """And HttpOnly, SameSite=Lax, for the whole site and no other, in both cases."""
    for base, secure in (("http://localhost", False), ("https://localhost", True)):
        answer = app.test_client().get("/signin", base_url=base)
        morsel = SimpleCookie(answer.headers["Set-Cookie"])["two_seats"]
        flags = (morsel["httponly"], morsel["samesite"], morsel["path"], morsel["domain"], bool(morsel["secure"]))
        assert flags == (True, "Lax", "/", "", secure)


@pytest.mark.parametrize("path", ["/chart/{room}/", "/story/first-half-hour", TASK, "/lab/{room}/tables"])
def test_a_page_that_writes_does_not_wait_for_itself_to_be_seen(
        app: Flask, house: House, clock: Any, path: str) -> None:
    """Who comes back after a minute is noted before the page takes the writers' lock; it once waited 30 s and broke."""
    ada = Person(app).sit_down()
    ada.get(TASK)
    with house.db.reading() as conn:
        room = workspace.every(conn)[-1].id
    clock(2)
    begun = time.monotonic()
    ada.get(path.format(room=room))
    assert time.monotonic() - begun < 25
    with house.db.reading() as conn:
        assert people.get(conn, workspace.every(conn)[-1].owner).seen
