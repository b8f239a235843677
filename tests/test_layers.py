"""Two layers, one direction: the domain never imports the edge, domain imports go from
actions to meetings to assurance, and no edge imports another app's views.
"""

import ast
from collections.abc import Iterator

import pytest
from django.conf import settings

# From the bottom up: each may import the domain of those before it.
APPS = ["assurance", "meetings", "actions"]
# Inside an app; a name that ends in a slash stands for all in that folder.
DOMAIN = [
    "models.py",
    "models/",
    "operations.py",
    "permissions.py",
    "publication.py",
    "publishing.py",
    "answers.py",
    "calendar.py",
    "contents.py",
    "differences.py",
    "files.py",
    "inert.py",
    "notes.py",
    "spelling.py",
    "snippets.py",
    "edition.py",
    "standing.py",
    "withheld.py",
    "withholding.py",
    "versions.py",
    "posts.py",
    "bulk.py",
    "flags.py",
    "guards.py",
    "grants.py",
    "lengths.py",
    "unnamed.py",
    "doubtful.py",
    "layout.py",
    "record.py",
    "agreement.py",
    "amending.py",
    "comments.py",
    "doubts.py",
    "since_draft.py",
    "draft_copies.py",
    "drafts.py",
    "lifecycle.py",
    "agreed.py",
    "briefing.py",
    "changes.py",
    "reasons.py",
    "asking.py",
    "recipients.py",
    "reviewing.py",
    "seating.py",
    "reader/",
    "spoken.py",
    "importing/",
    "taking_in.py",
    "minuting.py",
    "presence.py",
    "events.py",
    "sign_in/passwords.py",
    "sign_in/events.py",
    "sign_in/sessions.py",
    "sign_in/unsent.py",
    "alone.py",
    "holds.py",
    "removing/",
    "removal.py",
    "look_into.py",
    "mail.py",
    "timeline.py",
    "tracker.py",
    "apps.py",
    "migrations/",
]
EDGE = [
    "sign_in/session_end.py",
    "sign_in/devices.py",
    "views/",
    "forms/",
    "exports.py",
    "filters.py",
    "sheets.py",
    "urls.py",
    "meeting_urls.py",
    "public_urls.py",
    "sign_in/adapter.py",
    "sign_in/invitations.py",
    "sign_in/single_sign_on.py",
    "backup/",
    "handover/",
    "history/",
    "snapshot.py",
    "context_processors.py",
    "downloads.py",
    "deploy/",
    "demonstration/",
    "documents/",
    "formats/",
    "http.py",
    "sign_in/confirming.py",
    "sign_in/limits.py",
    "sign_in/second_step.py",
    "management/",
    "middleware.py",
    "pages.py",
    "removal_pages.py",
    "public.py",
    "desk.py",
    "reading.py",
    "text_beside.py",
    "serving/",
    "settings.py",
    "templatetags/",
    "wsgi.py",
]


def source_files() -> dict[str, str]:
    """The application's own modules by path; an empty ``__init__`` is none."""
    files = {}
    for app in APPS:
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            if text := path.read_text().strip():
                files[str(path.relative_to(settings.BASE_DIR))] = text
    return files


def layers_of(path: str) -> list[str]:
    """The layers whose list names this module: exactly one, if all is well."""
    inside = path.partition("/")[2]
    return [
        layer
        for layer, names in (("domain", DOMAIN), ("edge", EDGE))
        if any(
            inside.startswith(name) if name.endswith("/") else inside == name
            for name in names
        )
    ]


def imported(path: str, source: str, files: dict[str, str]) -> Iterator[str]:
    """The paths of our own modules that a module imports, wherever it does so."""
    package = path.removesuffix(".py").removesuffix("/__init__").split("/")
    if not path.endswith("__init__.py"):
        package.pop()
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *filter(None, [node.module])])
            names |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    for name in names:
        base = name.replace(".", "/")
        for found in (f"{base}.py", f"{base}/__init__.py"):
            if found in files and found != path:
                yield found


def breaches(files: dict[str, str]) -> list[str]:
    found = []
    for path, source in files.items():
        layers, app = layers_of(path), path.split("/")[0]
        if len(layers) != 1:
            found.append(f"{path} is in {len(layers)} lists of layers")
            continue
        for other in imported(path, source, files):
            other_app = other.split("/")[0]
            if layers == ["domain"]:
                if "edge" in layers_of(other):
                    found.append(f"{path}: the domain imports the edge, {other}")
                elif APPS.index(other_app) > APPS.index(app):
                    found.append(f"{path}: the domain imports upwards, {other}")
            elif "/views/" in other and other_app != app:
                found.append(f"{path}: the edge imports another app's views, {other}")
    return sorted(found)


def test_the_application_keeps_its_layers() -> None:
    files = source_files()
    assert len(files) > 50
    assert breaches(files) == []


REAL = {
    "assurance/models.py": "x = 1",
    "assurance/http.py": "x = 1",
    "assurance/views/pages.py": "from actions.models import Action",
    "meetings/models/__init__.py": "from meetings.models.meeting import Meeting",
    "meetings/models/meeting.py": "from assurance.models import User",
    "meetings/forms/meeting.py": "from meetings.models import Meeting",
    "meetings/views/meetings.py": "from meetings.forms import meeting",
    "actions/models/__init__.py": "from actions.models.action import Action",
    "actions/models/action.py": "import meetings.models",
    "actions/views/tracker.py": "from meetings.forms.meeting import MeetingForm",
}


def test_what_is_allowed_is_no_breach() -> None:
    assert breaches(REAL) == []


@pytest.mark.parametrize(
    ("path", "source", "breach"),
    [
        (
            "meetings/operations.py",
            "from meetings.forms.meeting import MeetingForm",
            "the domain imports the edge, meetings/forms/meeting.py",
        ),
        (
            "actions/operations.py",
            "def late():\n    from assurance import http",
            "the domain imports the edge, assurance/http.py",
        ),
        (
            "actions/operations.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
            "    import meetings.views.meetings as pages",
            "the domain imports the edge, meetings/views/meetings.py",
        ),
        (
            "meetings/models/types.py",
            "from ..views import meetings",
            "the domain imports the edge, meetings/views/meetings.py",
        ),
        (
            "meetings/operations.py",
            "from actions.models import Action",
            "the domain imports upwards, actions/models/__init__.py",
        ),
        (
            "assurance/operations.py",
            "import meetings.models.meeting",
            "the domain imports upwards, meetings/models/meeting.py",
        ),
        (
            "actions/views/action.py",
            "from meetings.views.meetings import meeting",
            "the edge imports another app's views, meetings/views/meetings.py",
        ),
    ],
)
def test_a_breach_is_found_however_it_is_written(
    path: str, source: str, breach: str
) -> None:
    assert breaches(REAL | {path: source}) == [f"{path}: {breach}"]


def test_a_module_in_no_list_is_a_breach() -> None:
    assert breaches(REAL | {"meetings/helpers.py": "x = 1"}) == [
        "meetings/helpers.py is in 0 lists of layers"
    ]
    assert breaches({"meetings/forms.py": "x = 1"})


def test_no_module_grows_without_end() -> None:
    """About 600 lines, then a package by noun."""
    long = {
        path: count
        for path, text in source_files().items()
        if (count := len(text.splitlines())) > 620 and "migrations" not in path
    }
    assert long == {}
