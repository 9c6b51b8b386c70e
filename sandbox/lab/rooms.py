"""LabRooms: which lab a workspace, or a grader, gets."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import orjson

from sandbox.errors import SqlProblem
from sandbox.fhir import store
from sandbox.lab import packing
from sandbox.lab.base import BaseFile, build, reverse, sweep
from sandbox.lab.dictionary import Dictionary, shipped
from sandbox.lab.layer import Layer
from sandbox.lab.memory import Memory
from sandbox.lab.process import Pool
from sandbox.lab.room import RoomLab
from sandbox.lab.tables import Lab, Resource

if TYPE_CHECKING:
    import sqlalchemy as sa

REMEMBERED = 64  # workspaces whose rows are kept in memory, to be had again without reading the record


@contextmanager
def written() -> Iterator[None]:
    """A file that cannot be written is a SqlProblem: the rest of the house goes on."""
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        raise SqlProblem("The lab's tables cannot be written: most often the disk is full.", kind="broken",
                         hint="Everything else goes on. Tell whoever runs this server.") from error


class GradingLabs:
    """Labs for one judgement: the shown hospital, hidden ones, and any of them reversed."""

    def __init__(self, rooms: LabRooms, shown: RoomLab) -> None:
        self._rooms = rooms
        self._shown = shown

    @property
    def shown(self) -> Lab:
        """The untouched hospital with what the task planted."""
        return self._shown

    def hidden(self, name: str, build: Callable[[], Iterable[Resource]], today: date) -> Lab:
        """A hospital of the activity's own; `build` is called only when no file is kept under `name`."""
        return self._rooms.hidden(name, build, today)

    def reversed(self, lab: Lab) -> Lab:
        """The same hospital with every table's rows in reverse order. Only labs of these rooms."""
        return self._rooms.reversed(_ours(lab))


class LabRooms:
    """Owns the `labs/` folder of a data directory, its base files and the worker processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pool = Pool()
        self._memory = Memory()
        self._making = threading.Lock()
        self._bases: dict[int, BaseFile] = {}
        self._seen: OrderedDict[tuple[int, int, date, str], RoomLab] = OrderedDict()
        sweep(folder)

    @property
    def dictionary(self) -> Dictionary:
        """The tables that every lab here shows."""
        return shipped()

    def base(self, conn: sa.Connection, base_ws: int) -> BaseFile:
        """The file of a published hospital, built the first time (a second or two), then found by its digest."""
        known_file = self._bases.get(base_ws)
        if known_file is None or not known_file.path.exists():
            hospital = store.hospital(conn, base_ws)
            resources = map(orjson.loads, store.texts(conn, base_ws))
            self._bases[base_ws] = self._file("base", _known(conn, hospital), hospital.name, lambda: resources)
        return self._bases[base_ws]

    def ahead(self) -> Path:
        """Where tables may be laid out of a hospital that is still being stored: nobody opens it there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / f".{secrets.token_hex(8)}.ahead"

    def adopt(self, conn: sa.Connection, base_ws: int, made: Path, count: int) -> None:
        """Take such a file for a published hospital's own, unless it was made of fewer or more resources than that."""
        hospital = store.hospital(conn, base_ws)
        if count == sum(hospital.counts.values()):
            made.replace(self._place("base", _known(conn, hospital))[1])

    def warm(self, reading: Callable[[], AbstractContextManager[sa.Connection]]) -> threading.Thread:
        """Build the default hospital's file and start a worker, in the background: the first query finds both."""
        def act() -> None:
            with suppress(SqlProblem), reading() as conn:
                hospital = store.default_hospital(conn)
                if hospital is not None:
                    self.of_base(conn, hospital.ws).run("SELECT 1")

        # Not a daemon: a program that ends while DuckDB is at work in one aborts, so its end waits a second or two.
        thread = threading.Thread(target=act, name="labs")
        thread.start()
        return thread

    def of_workspace(self, conn: sa.Connection, ws: int, base: int, today: date, owner: str) -> Lab:
        """The workspace as tables: base less shadow plus her rows, as the record stands now."""
        key = (ws, store.mark(conn, ws), today, owner)
        file, lab = self.base(conn, base), self._seen.get(key)
        if lab is None:
            resources = map(orjson.loads, store.texts(conn, ws))
            layer = Layer.of(resources, store.shadowed(conn, ws), self.dictionary)
            lab = RoomLab(self.pool, self.dictionary, file, layer, today, owner=owner,
                          notes=self.folder / "scratch" / str(ws))
            self._seen[key] = lab
            while len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
        return lab

    def tidy(self, reading: Callable[[], AbstractContextManager[sa.Connection]]) -> None:
        """Take away the journals of copies whose workspace is gone for good."""
        kept = list((self.folder / "scratch").glob("*"))  # listed first: a journal comes after its generation
        with reading() as conn:
            known = {str(ws) for ws in store.private(conn)}
        for path in kept:
            if path.name.partition("-")[0] not in known:
                path.unlink(missing_ok=True)

    def of_base(self, conn: sa.Connection, base: int, today: date | None = None) -> Lab:
        """An untouched hospital as tables, for planting and for judging."""
        day = today or store.hospital(conn, base).today
        return RoomLab(self.pool, self.dictionary, self.base(conn, base), Layer(), day)

    def for_grading(self, conn: sa.Connection, base: int, planted: Sequence[Resource], today: date) -> GradingLabs:
        """Labs for judging: the base with what a task planted, and hidden hospitals."""
        layer = Layer.of(planted, (), self.dictionary)
        lab = RoomLab(self.pool, self.dictionary, self.base(conn, base), layer, today, memory=self._memory)
        return GradingLabs(self, lab)

    def for_proving(self, conn: sa.Connection, ws: int, base: int, today: date) -> Lab:
        """A workspace's lab for somebody who asks it the same things again and again, and changes nothing."""
        lab = _ours(self.of_workspace(conn, ws, base, today, ""))
        return RoomLab(self.pool, self.dictionary, lab.base, lab.layer, today, memory=self._memory)

    def hidden(self, name: str, build: Callable[[], Iterable[Resource]], today: date) -> Lab:
        """A hospital that is nobody's workspace, kept on disk by its name."""
        base = self._file("hidden", [name], "A hospital", build)
        return RoomLab(self.pool, self.dictionary, base, Layer(), today, memory=self._memory)

    def reversed(self, lab: RoomLab) -> Lab:
        """A lab with every table's rows last first."""
        path = lab.base.path.with_name(f"{lab.base.path.stem}-reversed.duckdb")
        with self._making:
            if not path.exists():
                with written():
                    reverse(path, lab.base.path, self.dictionary)
        base = BaseFile(f"{lab.base.name}-reversed", path, lab.base.hospital)
        return RoomLab(self.pool, self.dictionary, base, lab.layer.reversed(), lab.today, owner=lab.owner,
                       backwards=not lab.backwards, memory=lab.memory)

    def pack(self, lab: Lab) -> bytes:
        """A lab of these rooms to take away: Parquet files with their dictionary, zipped. Or SqlProblem."""
        return packing.pack(self.pool, self.folder, _ours(lab))

    def parquet(self, lab: Lab, sql: str) -> bytes:
        """The whole answer to one SELECT as a Parquet file. SqlProblem where it cannot."""
        return packing.result(self.pool, self.folder, _ours(lab), sql)

    def close(self) -> None:
        """End every worker."""
        self.pool.close()

    def _file(
        self, kind: str, known: list[object], hospital: str, resources: Callable[[], Iterable[Resource]],
    ) -> BaseFile:
        digest, path = self._place(kind, known)
        with self._making:
            if not path.exists():
                with written():
                    build(path, resources(), self.dictionary)
        return BaseFile(digest, path, hospital)

    def _place(self, kind: str, known: list[object]) -> tuple[str, Path]:
        """What a file is called, and where it is: by all that decides what stands in it."""
        digest = hashlib.sha256(orjson.dumps([self.dictionary.digest, kind, known])).hexdigest()[:20]
        return digest, self.folder / f"{kind}-{digest}.duckdb"


def _ours(lab: Lab) -> RoomLab:
    if not isinstance(lab, RoomLab):
        raise TypeError("only a lab that these rooms opened")
    return lab


def _known(conn: sa.Connection, hospital: store.Hospital) -> list[object]:
    return [hospital.ws, hospital.name, hospital.today, hospital.digest, hospital.counts, store.mark(conn, hospital.ws)]
