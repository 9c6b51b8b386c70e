"""What a pack says of itself: README.md with the dictionary, and lab.sql, by which her SQL runs elsewhere unedited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sandbox.lab.dictionary import Dictionary
from sandbox.lab.tables import LabTable

#: Five lines each: a reader copies them, and a test runs the first.
PANDAS = '''import pandas as pd  # pip install pandas pyarrow
encounter = pd.read_parquet("encounter.parquet")
start = pd.to_datetime(encounter["start_at"], utc=True)
encounter["first_day"] = start.dt.tz_convert("America/Chicago").dt.date
print(encounter.groupby("class").size())'''
R = '''library(duckdb)  # install.packages("duckdb")
con <- dbConnect(duckdb())
for (statement in readLines("lab.sql")) dbExecute(con, statement)
visits <- dbGetQuery(con, "SELECT class, count(*) AS n FROM encounter GROUP BY class")
print(visits)'''


_README = """# {hospital}: the tables of your workspace

These are the tables of your lab as they stood when you took them. **Today is {day}**,
whatever your computer says: count ages and open stays to that day. Every patient is invented.

- The facility's time zone is **America/Chicago**. Instants (type TIMESTAMP WITH TIME ZONE in the dictionary below, such
  as `start_at`) are in UTC: turn them into local time before you take a day, a month or a night out of them.
- Days (type DATE) have no time and need no zone.
- An empty value is NULL. It says that the record holds nothing there, not that there was nothing.
- What you change here stays here: the record does not change, and tasks are answered at your desk.

## Open them

In Python with pandas:

```python
{pandas}
```

In R with DuckDB:

```r
{r}
```

`lab.sql` makes the lab's tables, its `local_date()`, its *today* and its statistics, one statement on each line, so
that a query from your desk runs unedited. With the DuckDB command line: `duckdb -init lab.sql`.

## The files

| File | Rows | What it holds |
|---|---:|---|
{listed}

## The dictionary

{pages}
"""


def readme(tables: Sequence[LabTable], today: date, hospital: str) -> str:
    """README.md: what this is, how to open it, and every table with its columns."""
    listed = "\n".join(f"| `{t.name}.parquet` | {t.rows or 0:,} | {_cell(t.description)} |" for t in tables)
    return _README.format(hospital=hospital, day=f"{today:%A}, {today.day} {today:%B %Y}", pandas=PANDAS, r=R,
                          listed=listed, pages="\n\n".join(map(_page, tables)))


def views(dictionary: Dictionary, tables: Sequence[LabTable], today: date, hospital: str) -> str:
    """lab.sql: a view on each file, and the lab's macros; one statement on each line."""
    made = [f"CREATE VIEW \"{table.name}\" AS FROM '{table.name}.parquet'" for table in tables]
    macros = [each for each in dictionary.statements(today, hospital) if each.startswith("CREATE MACRO")]
    return "".join(f"{' '.join(each.split())};\n" for each in ["SET TimeZone = 'UTC'", *macros, *made])


def _page(table: LabTable) -> str:
    origin = f" From `{table.resource}`." if table.resource else " Made of other tables." if table.sql else ""
    rows = "\n".join(f"| `{c.name}` | {c.type}{', key' if c.key else ''} | {_cell(c.description)} | "
                     f"{f'`{_cell(c.path)}`' if c.path else ''} |" for c in table.columns)
    return f"""### {table.name}

{table.description}{'' if table.description.endswith('.') else '.'}{origin}

| Column | Type | What it means | In the resource |
|---|---|---|---|
{rows}"""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
