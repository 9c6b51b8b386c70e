"""How a phrase becomes words that can be compared: small letters, American spelling, singular, no stop words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Left out of both phrases and entries. Not among them: "without", "not", "other", which change which code is right.
_STOPPED = frozenset((
    "a", "an", "and", "are", "as", "at", "be", "by", "due", "during", "for", "from", "had", "has", "have", "he", "in",
    "into", "is", "it", "its", "my", "of", "on", "or", "our", "s", "she", "the", "their", "this", "to", "was", "were",
    "with",
))
_SPELLING = (  # British to American, as whole-word rules on the unstemmed word; the first that applies wins
    (re.compile(r"haem"), "hem"), (re.compile(r"aemi"), "emi"), (re.compile(r"oede"), "ede"),
    (re.compile(r"oeso"), "eso"), (re.compile(r"rrhoea"), "rrhea"), (re.compile(r"pnoea"), "pnea"),
    (re.compile(r"paed"), "ped"), (re.compile(r"gynaec"), "gynec"), (re.compile(r"anaes"), "anes"),
    (re.compile(r"^foet"), "fet"), (re.compile(r"oestr"), "estr"), (re.compile(r"caec"), "cec"),
    (re.compile(r"^coel"), "cel"), (re.compile(r"orrhoid"), "orrhoid"), (re.compile(r"leuk?aem"), "leukem"),
    (re.compile(r"tumour"), "tumor"), (re.compile(r"colour"), "color"), (re.compile(r"labour"), "labor"),
    (re.compile(r"behaviour"), "behavior"), (re.compile(r"odour"), "odor"), (re.compile(r"fibre"), "fiber"),
    (re.compile(r"litre"), "liter"), (re.compile(r"centre"), "center"), (re.compile(r"sulph"), "sulf"),
    (re.compile(r"lipidaem"), "lipidem"), (re.compile(r"ischaem"), "ischem"), (re.compile(r"aetiolog"), "etiolog"),
    (re.compile(r"orthopaed"), "orthoped"), (re.compile(r"diarrhoea"), "diarrhea"), (re.compile(r"manoeuv"), "maneuv"),
    (re.compile(r"hypoglyc(?:ae)m"), "hypoglycem"), (re.compile(r"(?<=[a-z]{3})isation"), "ization"),
    (re.compile(r"(?<=[a-z]{2}(?:al|il|ol|er|an|in|on|un|as))ise(d?)$"), r"ize\1"),
    (re.compile(r"faec"), "fec"), (re.compile(r"naev"), "nev"),
    (re.compile(r"^caes"), "ces"), (re.compile(r"ae(?=th)"), "e"), (re.compile(r"mould"), "mold"),
)


@lru_cache(maxsize=60_000)
def american(word: str) -> str:
    """One word in American spelling ("oedema" gives "edema", "hyperlipidaemia" "hyperlipidemia")."""
    for pattern, replacement in _SPELLING:
        word = pattern.sub(replacement, word)
    return word


@lru_cache(maxsize=60_000)
def stem(word: str) -> str:
    """The singular, roughly: enough that "ulcers" meets "ulcer" and "arteries" "artery"."""
    if len(word) <= 3 or word.endswith(("ss", "us", "is", "itis")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


def plain_words(text: str) -> list[str]:
    """The words of a text in small letters and American spelling, with stop words, not stemmed."""
    bare = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    bare = bare.replace("'s", "").replace("'", "")
    return [american(word) for word in re.findall(r"[a-z0-9]+", bare)]


def tokens(text: str) -> list[str]:
    """What is indexed and what is searched for: American, stemmed, without stop words, in order, repeats kept."""
    return [stem(word) for word in plain_words(text) if word not in _STOPPED]
