"""The tracker's filters. Their form owns the query parameters of lists and exports."""

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from actions.changes import last_review_held
from actions.flags import Reason
from actions.lifecycle import Status
from actions.models import Action, Owner
from assurance.forms.base import FilterForm
from assurance.forms.fields import DayField
from assurance.models import Organisation
from meetings.models import Meeting, Theme

FLAGS = {
    "overdue": "Overdue",
    "due-soon": "Due in the next 14 days",
    "not-started": "Not started",
    "updated": "Updated by owners since the last meeting",
    "not-issued": "Not issued",
    "no-date": "No due date",
    "no-owner": "No owner",
    "waits": "Waits for a meeting that is not planned",
    **{f"reason-{reason.value}": reason.label for reason in Reason},
}

_FLAG_QUERIES = {
    "overdue": Q(is_overdue=True),
    "due-soon": Q(is_due_soon=True),
    "not-issued": Q(issued_at__isnull=True),
    "no-date": Q(has_no_due=True),
    "no-owner": Q(has_no_owner=True),
    "waits": Q(waits=True),
    **{f"reason-{reason.value}": Q(reason=reason) for reason in Reason},
}


class DayFilter(filters.Filter):
    """A day in words, as everywhere else."""

    field_class = DayField


class ActionFilter(filters.FilterSet):
    """Works on actions that carry ``with_flags``.

    Choices come from what the visitor may see, so they never tell other
    organisations' names.
    """

    q = filters.CharFilter(
        label="Words in the action or its reference",
        method="filter_words",
        max_length=200,
    )
    status = filters.ChoiceFilter(
        label="Status", choices=Status.choices, empty_label="Any status"
    )
    flag = filters.ChoiceFilter(
        label="Flag",
        choices=list(FLAGS.items()),
        method="filter_flag",
        empty_label="Any flag",
    )
    organisation = filters.ModelChoiceFilter(
        label="Owner organisation",
        queryset=Organisation.objects.none(),
        method="filter_organisation",
        empty_label="Any organisation",
    )
    owner = filters.CharFilter(
        label="Post or person", method="filter_owner", max_length=100
    )
    theme = filters.ModelChoiceFilter(
        label="Theme",
        queryset=Theme.objects.none(),
        method="filter_theme",
        empty_label="Any theme",
    )
    meeting = filters.ModelChoiceFilter(
        label="Meeting raised at",
        queryset=Meeting.objects.none(),
        empty_label="Any meeting",
    )
    due_from = DayFilter(label="Due from", field_name="due_date", lookup_expr="gte")
    due_to = DayFilter(label="Due to", field_name="due_date", lookup_expr="lte")

    class Meta:
        model = Action
        fields: list[str] = []
        form = FilterForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visible = Action.objects.visible_to(self.request.user)
        owners = Owner.objects.filter(action__in=visible)
        if self.request.user.is_liaison:
            # Co-owners of a shared action are seen on it, not looked through.
            owners = owners.filter(organisation=self.request.user.organisation)
        self.filters["organisation"].queryset = Organisation.objects.filter(
            pk__in=owners.values("organisation")
        )
        self.filters["meeting"].queryset = (
            Meeting.objects.filter(
                Exists(visible.filter(meeting=OuterRef("pk")).order_by())
            )
            .select_related("type")
            .latest_first()
        )
        themed = visible
        if self.request.user.is_liaison:
            themed = visible.exclude(item__restricted=True)
        self.filters["theme"].queryset = Theme.objects.filter(
            Exists(themed.filter(item__theme=OuterRef("pk")).order_by())
            | Exists(visible.filter(meeting__themes=OuterRef("pk")).order_by())
        )

    def filter_words(self, rows: Any, name: str, value: str) -> Any:
        """Every word must occur, in the action or another wording; or a reference."""
        reference = Q()
        year, slash, number = value.strip().partition("/")
        if slash and year.isdecimal() and number.isdecimal():
            reference = Q(year=int(year), number=int(number))
        # A liaison does not see the other wording, so it is not searched for them.
        columns = ["text", "older_reference"]
        if not self.request.user.is_liaison:
            columns.append("other_wording")
        words = Q()
        for word in value.split():
            found = Q()
            for column in columns:
                found |= Q(**{f"{column}__icontains": word})
            words &= found
        return rows.filter(reference | words if reference else words)

    def filter_flag(self, rows: Any, name: str, value: str) -> QuerySet[Action]:
        if value == "not-started":
            return rows.not_started()
        if value == "updated":
            last = last_review_held(before=timezone.localdate())
            return rows.with_word_since(last.date if last else None)
        return rows.filter(_FLAG_QUERIES[value])

    def filter_organisation(
        self, rows: Any, name: str, value: Organisation
    ) -> QuerySet[Action]:
        return rows.owned_by(value.pk)

    def filter_owner(self, rows: Any, name: str, value: str) -> QuerySet[Action]:
        owners = Owner.objects.filter(
            Q(post__icontains=value) | Q(person__name__icontains=value),
            action=OuterRef("pk"),
        )
        return rows.filter(Exists(owners))

    def filter_theme(self, rows: Any, name: str, value: Theme) -> QuerySet[Action]:
        themed = Meeting.themes.through.objects.filter(
            meeting_id=OuterRef("meeting_id"), theme=value
        )
        of_item = Q(item__theme=value)
        if self.request.user.is_liaison:
            of_item &= Q(item__restricted=False)
        return rows.filter(of_item | Q(Exists(themed)))

    @property
    def chosen(self) -> list[tuple[str, str, str]]:
        """The filters in force as parameter, label and value in words."""
        found = []
        for name, field in self.form.fields.items():
            value = self.form.cleaned_data.get(name) if self.is_valid() else None
            if value in (None, ""):
                continue
            words = str(value)
            if isinstance(field, forms.ChoiceField) and not isinstance(
                field, forms.ModelChoiceField
            ):
                words = dict(field.choices)[value]  # type: ignore[arg-type]
            elif isinstance(field, DayField):
                words = f"{value.day} {value:%B %Y}"
            found.append((name, str(field.label), words))
        return found


SORTS = {
    "reference": ["year", "number"],
    "due": ["due_date", "year", "number"],
    "status": ["status", "year", "number"],
}
