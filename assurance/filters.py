"""How lists of accounts are narrowed down."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet

from assurance.forms.base import FilterForm
from assurance.models import User
from assurance.permissions import Role


class AccountFilter(filters.FilterSet):
    q = filters.CharFilter(
        label="Name or e-mail address", method="filter_words", max_length=100
    )
    role = filters.ChoiceFilter(
        label="Role", choices=Role.choices, empty_label="Any role"
    )
    active = filters.ChoiceFilter(
        label="May sign in",
        choices=[("yes", "Yes"), ("no", "No")],
        method="filter_active",
        empty_label="Either",
    )

    class Meta:
        model = User
        fields: list[str] = []
        form = FilterForm

    def filter_words(self, rows: Any, name: str, value: str) -> QuerySet[User]:
        for word in value.split():
            rows = rows.filter(Q(name__icontains=word) | Q(email__icontains=word))
        return rows

    def filter_active(self, rows: Any, name: str, value: str) -> QuerySet[User]:
        return rows.filter(is_active=value == "yes")

    @property
    def in_force(self) -> bool:
        return self.is_valid() and any(self.form.cleaned_data.values())
