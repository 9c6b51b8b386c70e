"""Who sits in the sample class: twenty-four invented people, how they do in each seat, and what they expect of it."""

from __future__ import annotations

from dataclasses import dataclass

SEED = 24  # one variant for all of them
# In this order they are filled: what the first callouts show is there before the second seat's queries are judged.
STORIES = (("him-first-codes", "him", -2), ("him-access-morning", "him", 1),  # due in so many days
           ("hi-schema-first", "hi", -1), ("hi-first-reports", "hi", 2))


@dataclass(frozen=True)
class Player:
    """One of them: what share of the points each seat's work comes to (0 to 1), and how far her own word is off it.

    `done` is how many of a seat's five tasks are handed in.
    """

    name: str
    him: float
    hi: float
    says: float = 0.0
    done: int = 5
    random: bool = False


CAST = (
    Player("Alma Birk", 0.95, 0.55), Player("Boris Castell", 0.9, 0.5, -0.3), Player("Cleo Dunmore", 0.5, 0.95),
    Player("Dag Ekman", 0.55, 0.9), Player("Edith Farrow", 0.75, 0.75), Player("Felix Garnet", 0.7, 0.75),
    Player("Gerda Holm", 0.8, 0.8, -0.35), Player("Hugo Ivers", 0.6, 0.6, 0.4), Player("Ida Jansen", 0.95, 0.95),
    Player("Jonas Kettle", 0.4, 0.4, 0.4), Player("Karla Lind", 0.65, 0.7), Player("Leo Marsh", 0.85, 0.6),
    Player("Mina Norcross", 0.6, 0.85), Player("Nils Okeby", 0.5, 0.5, random=True),
    Player("Olga Pryce", 0.5, 0.5, random=True), Player("Pavel Quill", 0.75, 0.65),
    Player("Ruth Sandell", 0.9, 0.85, -0.35),
    Player("Simon Tarn", 0.35, 0.5, 0.45), Player("Tessa Umber", 0.7, 0.7), Player("Ulf Varga", 0.8, 0.7),
    Player("Vera Winslow", 0.65, 0.6), Player("Wim Yarrow", 0.55, 0.65, done=4), Player("Xenia Zoll", 0.85, 0.9),
    Player("Yann Abbot", 0.45, 0.45, done=2),
)
STUCK, LATE_ADD, LONGER, CRASHED, ASKS, EVEN = 21, 23, 10, 5, 17, 18  # places in the cast
SEVEN = frozenset({1, 3, 7, 9, 12, 15, 20})  # whom one criterion of the key touches


def known(place: int) -> str:
    """The school's ID of who sits at a place: it stays when a roster gives her another name."""
    return f"SAMPLE-{place + 1:02d}"


def handed_in(player: Player, before: int, tasks: int) -> int:
    """How many of an assignment's tasks she hands in, where so many of the seat's come `before` it."""
    return max(0, min(tasks, player.done - before))


def expected() -> int:
    """How many works the whole class hands in, in two seats."""
    return 2 * sum(player.done for player in CAST)
