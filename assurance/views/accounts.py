"""Accounts and organisations, for administrators."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from assurance.filters import AccountFilter
from assurance.forms.accounts import (
    AccountForm,
    NewAccountForm,
    NewOrganisationForm,
    OrganisationForm,
    PasswordForm,
)
from assurance.forms.base import render_form, saved
from assurance.http import SignedInRequest
from assurance.models import Organisation, User
from assurance.operations import save_account
from assurance.permissions import Permission, requires


@requires(Permission.MANAGE_ACCOUNTS)
def accounts(request: SignedInRequest) -> HttpResponse:
    everybody = User.objects.select_related("organisation")
    filters = AccountFilter(request.GET, everybody)
    return render(
        request,
        "assurance/accounts.html",
        {
            "filters": filters,
            "rows": filters.qs if filters.is_valid() else everybody,
            "total": everybody.count(),
            "trail": [("Home", reverse("home"))],
        },
    )


@requires(Permission.MANAGE_ACCOUNTS)
def account_new(request: SignedInRequest) -> HttpResponse:
    form = NewAccountForm(request.POST or None)

    def write() -> str:
        account = form.instance
        save_account(account, by=request.user, save=form.save)
        messages.success(
            request,
            f"Account of {account.name} saved. Give it a first password so that they "
            "can sign in.",
        )
        return reverse("account_password", args=[account.pk])

    return saved(request, form, write) or render_form(
        request,
        form,
        title="New account",
        button="Save account",
        back=reverse("accounts"),
        trail=[("Accounts", reverse("accounts"))],
    )


@requires(Permission.MANAGE_ACCOUNTS)
def account_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(User, pk=pk)
    title, could_sign_in = f"Account of {account.name}", account.is_active
    form = AccountForm(request.POST or None, instance=account)

    def write() -> str:
        save_account(account, by=request.user, save=form.save)
        if could_sign_in and not account.is_active:
            text = f"{account.name} is signed out and may no longer sign in."
        else:
            text = f"{account.name} saved. The change counts from their next page."
        messages.success(request, text)
        return reverse("accounts")

    return saved(request, form, write) or render_form(
        request,
        form,
        title=title,
        button="Save account",
        back=reverse("accounts"),
        trail=[("Accounts", reverse("accounts"))],
        template="assurance/account_form.html",
        account=account,
    )


@requires(Permission.MANAGE_ACCOUNTS)
def account_password(request: SignedInRequest, pk: int) -> HttpResponse:
    """An administrator sets somebody else's password; their own asks for the old."""
    if pk == request.user.pk:
        return redirect("account_change_password")
    account = get_object_or_404(User, pk=pk)
    form = PasswordForm(request.POST or None, account=account)

    def write() -> str:
        account.set_password(form.cleaned_data["password"])
        account.save(update_fields=["password"])
        messages.success(
            request,
            f"Password of {account.name} set. Tell it to them in person or by phone, "
            "and ask them to change it once they are signed in.",
        )
        return reverse("accounts")

    return saved(request, form, write) or render_form(
        request,
        form,
        title=f"Password of {account.name}",
        button="Set password",
        back=reverse("accounts"),
        trail=[
            ("Accounts", reverse("accounts")),
            (account.name, reverse("account_edit", args=[pk])),
        ],
        lead="Wherever they are signed in now, they are signed out."
        if account.has_usable_password()
        else "They cannot sign in until they have a first password.",
    )


@requires(Permission.MANAGE_ACCOUNTS)
def organisations(request: SignedInRequest) -> HttpResponse:
    return render(
        request,
        "assurance/organisations.html",
        {
            "rows": Organisation.objects.annotate(
                active_accounts=Count("users", filter=Q(users__is_active=True))
            ).order_by("name"),
            "trail": [("Home", reverse("home"))],
        },
    )


@requires(Permission.MANAGE_ACCOUNTS)
def organisation_new(request: SignedInRequest) -> HttpResponse:
    form = NewOrganisationForm(request.POST or None)
    return _organisation(request, form, title="New organisation")


@requires(Permission.MANAGE_ACCOUNTS)
def organisation_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    organisation = get_object_or_404(Organisation, pk=pk)
    title = organisation.name
    form = OrganisationForm(request.POST or None, instance=organisation)
    return _organisation(request, form, title=title)


def _organisation(
    request: SignedInRequest,
    form: NewOrganisationForm | OrganisationForm,
    *,
    title: str,
) -> HttpResponse:
    def write() -> str:
        organisation = form.save()
        messages.success(
            request, f"{organisation.name} saved. It can own actions and have accounts."
        )
        return reverse("organisations")

    return saved(request, form, write) or render_form(
        request,
        form,
        title=title,
        button="Save organisation",
        back=reverse("organisations"),
        trail=[("Organisations", reverse("organisations"))],
    )
