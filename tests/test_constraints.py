"""The database refuses nonsense: rules that hold for every model."""

from itertools import chain
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models import Q

OURS = ["assurance", "meetings", "actions"]
MODELS = [
    model
    for app in OURS
    for model in apps.get_app_config(app).get_models()
    if model._meta.managed and not model.__name__.startswith("Historical")
]


def by_name(model: type[models.Model]) -> str:
    return model.__name__


def conditions(model: type[models.Model]) -> list[Q]:
    return [
        constraint.condition
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint)
    ]


def allowed_by(condition: Q) -> dict[str, set[Any]]:
    """The values a condition lists for each column, with ``=`` or ``in``."""
    found: dict[str, set[Any]] = {}
    for child in condition.children:
        if isinstance(child, Q):
            for name, values in allowed_by(child).items():
                found.setdefault(name, set()).update(values)
        elif isinstance(child, tuple):
            name, _, lookup = child[0].partition("__")
            if lookup == "in":
                found.setdefault(name, set()).update(child[1])
            elif not lookup:
                found.setdefault(name, set()).add(child[1])
    return found


CHOICES = [
    pytest.param(model, field, id=f"{model.__name__}.{field.name}")
    for model in MODELS
    for field in model._meta.get_fields()
    if isinstance(field, models.CharField) and field.choices
]


@pytest.mark.parametrize(("model", "field"), CHOICES)
def test_the_database_knows_the_choices_of_every_column(
    model: type[models.Model], field: models.CharField
) -> None:
    """Some constraint lists exactly the values that the choices offer."""
    values = {value for value, _ in field.flatchoices}
    if field.blank:
        values.add("")
    listed = [
        names
        for condition in conditions(model)
        if (names := allowed_by(condition).get(field.name))
    ]
    assert listed, f"no constraint names the values of {field.name}"
    assert set(chain(*listed)) == values


@pytest.mark.parametrize(("model", "field"), CHOICES)
def test_the_columns_choices_are_in_force(
    model: type[models.Model], field: models.CharField, db: None
) -> None:
    """The constraint is in the database and not only in the code."""
    with connection.cursor() as cursor:
        in_force = connection.introspection.get_constraints(
            cursor, model._meta.db_table
        )
    naming = {
        constraint.name
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint)
        and field.name in allowed_by(constraint.condition)
    }
    assert naming <= set(in_force)


@pytest.mark.parametrize("model", MODELS, ids=by_name)
def test_every_record_says_what_it_is(model: type[models.Model]) -> None:
    assert model.__str__ is not models.Model.__str__


# What people read it by must not be empty.
NAMED = {
    "Organisation": "name",
    "Theme": "name",
    "MeetingType": "name",
    "StandingItem": "heading",
    "Person": "name",
    "AgendaItem": "heading",
    "Paper": "title",
    "Action": "text",
    "Evidence": "title",
    "DraftEvidence": "title",
    "StoredFile": "name",
}


@pytest.mark.parametrize("name", NAMED)
def test_what_a_record_is_read_by_is_never_empty(name: str) -> None:
    model = next(model for model in MODELS if model.__name__ == name)
    empty = Q(**{NAMED[name]: ""})
    assert any(
        ~empty in (condition, *condition.children) for condition in conditions(model)
    )


@pytest.mark.parametrize("model", MODELS, ids=by_name)
def test_text_is_empty_or_not_but_never_null(model: type[models.Model]) -> None:
    """Two ways of saying nothing would need two questions everywhere."""
    nullable = [
        field.name
        for field in model._meta.get_fields()
        if isinstance(field, models.CharField | models.TextField) and field.null
    ]
    assert nullable == []


def test_rows_come_in_an_order() -> None:
    looked_up_by_key = {
        *("Submission", "Unsent", "Session", "ReferenceCounter", "TrackerReview")
    }
    assert {
        model.__name__ for model in MODELS if not model._meta.ordering
    } == looked_up_by_key


def test_every_constraint_has_a_name_that_begins_with_its_table() -> None:
    for model in MODELS:
        words = model._meta.model_name
        for constraint in model._meta.constraints:
            first = constraint.name.partition("_")[0]
            assert words.endswith(first) or words.startswith(first), constraint.name
