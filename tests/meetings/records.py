"""Plain records of meetings, for tests of what is made of them."""

import datetime as dt
import json
from typing import Any

from meetings.publication import Known, Publication, public_record
from meetings.record import ActionLine, Item, Record, to_json

MARKER = "QUOKKA"
DAY = dt.date(2025, 3, 26)
S40 = "personal information (section 40)"


def record_of(*items: Item, **fields: Any) -> Record:
    return Record("Board", DAY, items=items, office="Office of the PCC", **fields)


def publish(record: Record, **known: Any) -> Publication:
    return public_record(record, Known(**known))


def said(record: Record) -> str:
    """All that would be kept of it, keys and all."""
    return json.dumps(to_json(record), ensure_ascii=False)


def item(key: int = 1, **fields: Any) -> Item:
    return Item(key, **({"heading": f"Item {key}", "number": str(key)} | fields))


def action(reference: str, **fields: Any) -> ActionLine:
    return ActionLine(
        reference, **({"text": f"Text of {reference}", "item": 1} | fields)
    )
