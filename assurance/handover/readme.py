"""What a stranger reads first."""

import datetime as dt
from textwrap import fill

from django.conf import settings

from assurance.calendar import day_in_words
from assurance.handover.kinds import FIELDS_LEFT_OUT, LEFT_OUT, TYPES_IN_WORDS

_TEXT = """\
THE RECORD OF {office}

What this is
------------
{what}

{when}

Much of it is not for the public: lines of enquiry, what was withheld from publication,
names and e-mail addresses. Keep it where only those may read it who must.

What is where
-------------
README.txt          this text
lists/              the main lists as CSV, for any spreadsheet (UTF-8). Text that a
                    spreadsheet could take for a formula begins with an apostrophe
documents/          each version of minutes: a folder for each meeting, named after its
                    day, with its drafts, its agreed minutes with all amendments and
                    what was published, as PDF and Word where those were kept, and the
                    words of each as plain text
files/              files that were handed in: evidence and papers, under their names,
                    after the number of the file
data/               every row of every kind: one file for each kind, one line for each
                    row, each line an object in JSON (JSON Lines, UTF-8)
schema.json         for each kind what it is, and for each of its fields its type, what
                    it means, its choices in words, and the kind it refers to
fields.csv          the same as a table
manifest.json       when it was taken, how many rows each kind has, and where in this
                    archive the content of each stored file is
checksums.sha256    the SHA-256 of every other file of this archive

How the parts relate
--------------------
Every row has a key, mostly "id". A field whose name ends in "_id" holds the key of a
row of another kind; schema.json says which ("refers_to").

meetings.meeting            a meeting
  meetings.agendaitem       what was on its agenda, with notes and decisions;
                            "parent_id" makes a tree, "order" the order
  meetings.attendee         who was there, in the capacity of that day
  meetings.minutesversion   the minutes as they stood when they were circulated, agreed,
                            amended or published; never changed. "content" is the whole
                            record of the meeting
  meetings.agreement        how they were agreed
actions.action              an action; its reference is year/number, as 2025/03
  actions.owner             whose it is
  actions.update            its timeline, never changed: updates, requests, decisions,
                            each change of status or due date
  actions.evidence          files and links that show it
  actions.review            what became of it at a meeting
assurance.storedfile        a file; manifest.json says where its content is
assurance.user              an account of somebody who worked with the register
assurance.event             what accounts did beside changing records
...historical...            the history of a kind: each line is a row as it was from
                            "history_date" on, and who did it ("history_user_id"). Rows
                            that it refers to may have been deleted since

Types
-----
{types}

How to check it
---------------
Unpack it and say, in its folder:

    sha256sum --check --quiet checksums.sha256

Without a word in answer every file is what it was. On a machine that has the program,
"manage.py verify_hand_over FILE.zip" checks besides that no row, file or reference is
missing, and that each version of minutes is the one that was kept.

What is not in it
-----------------
{left_out}
"""


_WHAT = (
    "All that {office} keeps in its register of assurance meetings: how the {holder} "
    "holds the police force to account. Meetings, who was there, what was said and "
    "agreed, each action that came of it with everything that was done about it, and "
    "who changed what and when."
)
_WHEN = (
    "It was taken on {day} at {at:%H:%M:%S} UTC, all of it as it stood at that one "
    "moment. It holds {rows} rows of {kinds} kinds and {files} files. Nothing of it "
    "needs the program that it was kept in."
)


def readme(
    *,
    at: dt.datetime,
    rows: int,
    kinds: int,
    files: int,
    lost: int,
    without_documents: int,
) -> str:
    left_out = [f"{name}: {why}" for name, why in LEFT_OUT.items()]
    left_out += [
        f"{kind}, field {name}: {why}"
        for kind, names in FIELDS_LEFT_OUT.items()
        for name, why in names.items()
    ]
    if lost:
        left_out.append(
            f"{lost} files whose content was lost before the record was taken; "
            'manifest.json names them under "lost"'
        )
    if without_documents:
        left_out.append(
            f"PDF and Word documents of {without_documents} published versions of "
            "minutes, which were still to be made again after words were removed for "
            "data protection; their words and rows are here, and manifest.json names "
            'them under "without_documents"'
        )
    office, holder = settings.OFFICE_NAME, settings.HOLDER_TITLE
    when = _WHEN.format(
        day=day_in_words(at.date()), at=at, rows=rows, kinds=kinds, files=files
    )
    return _TEXT.format(
        office=office,
        what=fill(_WHAT.format(office=office, holder=holder), 88),
        when=fill(when, 88),
        types="\n".join(f"{name:<10}{words}" for name, words in TYPES_IN_WORDS.items()),
        left_out="\n".join(left_out),
    )
