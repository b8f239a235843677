"""The action note as a document."""

import datetime as dt

from django.conf import settings

from actions.agreed import ActionNote
from meetings.documents import tree


def note_document(note: ActionNote, *, today: dt.date) -> tree.Document:
    blocks: list[tree.Block] = []
    if note.actions:
        blocks.append(
            tree.Table(
                caption="Actions in the order of their references",
                header=("Reference", "Action", "Owner", "Due"),
                rows=tuple(
                    (one.reference, one.text, one.owners, one.due)
                    for one in note.actions
                ),
                widths=(1.4, 4, 2.2, 1.8),
            )
        )
    else:
        blocks.append(tree.Paragraph("No action is issued yet."))
    blocks += [tree.Paragraph(f"{reference}: not used") for reference in note.not_used]
    return tree.Document(
        title=note.heading,
        subtitle=(note.title,),
        marking=note.marking,
        author=settings.OFFICE_NAME,
        date=today,
        blocks=tuple(blocks),
    )
