"""What was read as JSON and back, to pass it from the process that reads."""

import datetime as dt

from cattrs.preconf.json import make_converter

from meetings.reader.files.sheets import Workbook
from meetings.reader.minutes import ReadMinutes

_converter = make_converter()
_converter.register_unstructure_hook(dt.time, dt.time.isoformat)
_converter.register_structure_hook(dt.time, lambda kept, _: dt.time.fromisoformat(kept))


def to_json(minutes: ReadMinutes) -> str:
    """Reads back equal by ``from_json``."""
    return _converter.dumps(minutes, ensure_ascii=False)


def from_json(text: str) -> ReadMinutes:
    return _converter.loads(text, ReadMinutes)


def workbook_to_json(workbook: Workbook) -> str:
    return _converter.dumps(workbook, ensure_ascii=False)


def workbook_from_json(text: str) -> Workbook:
    return _converter.loads(text, Workbook)
