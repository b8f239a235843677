"""Accounts and organisations, for administrators."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from assurance import mail
from assurance.filters import AccountFilter
from assurance.forms.accounts import (
    AccountForm,
    InviteForm,
    NewAccountForm,
    NewOrganisationForm,
    OrganisationForm,
)
from assurance.forms.base import render_form, saved
from assurance.http import SignedInRequest
from assurance.models import Organisation, User
from assurance.operations import save_account
from assurance.permissions import Permission, requires
from assurance.sign_in.confirming import address, confirmed, is_stale, require
from assurance.sign_in.invitations import (
    expires_at,
    has_link,
    invitation_of,
    invite,
)
from assurance.sign_in.single_sign_on import is_linked, linked_now, unlink
from assurance.views.account import sign_ins

PER_PAGE = 50
# Where the link that was just made waits for the page that shows it.
_LINK = "link_to_show"


@requires(Permission.MANAGE_ACCOUNTS)
def accounts(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    everybody = User.objects.select_related("organisation").annotate(
        is_linked=linked_now()
    )
    filters = AccountFilter(request.GET, everybody)
    found = Paginator(filters.qs if filters.is_valid() else everybody, PER_PAGE)
    page = found.get_page(request.GET.get("page"))
    return render(
        request,
        "assurance/accounts.html",
        {
            "filters": filters,
            "page": page,
            "rows": [(account, invitation_of(account, now=now)) for account in page],
            "total": User.objects.count(),
            "mail": mail.troubles(now=now),
            "mail_is_sent": settings.MAIL_IS_SENT,
            "trail": [("Home", reverse("home"))],
        },
    )


@requires(Permission.MANAGE_ACCOUNTS)
@confirmed
def account_new(request: SignedInRequest) -> HttpResponse:
    form = NewAccountForm(request.POST or None)

    def write() -> str:
        account = form.instance
        save_account(account, by=request.user, save=form.save)
        return _invite(request, account)

    return saved(request, form, write) or render_form(
        request,
        form,
        title="New account",
        button="Save and invite",
        back=reverse("accounts"),
        trail=[("Accounts", reverse("accounts"))],
    )


@requires(Permission.MANAGE_ACCOUNTS)
def account_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Whoever saves it confirms who they are; whoever reads it need not."""
    account = get_object_or_404(User, pk=pk)
    if request.method == "POST":
        require(request)
    title, could_sign_in = f"Account of {account.name}", account.is_active
    was_demonstration = account.is_demonstration
    form = AccountForm(request.POST or None, instance=account)

    def write() -> str:
        is_signed_out = save_account(account, by=request.user, save=form.save)
        if account.pk == request.user.pk:
            # Their own role and activity cannot have changed, their organisation may.
            update_session_auth_hash(request, account)
        if could_sign_in and not account.is_active:
            text = f"{account.name} is signed out and may no longer sign in."
        elif was_demonstration and not account.is_demonstration:
            text = (
                f"{account.name} saved. The password of the demonstration opens this "
                "account no more: invite them to set their own."
            )
        elif is_signed_out and account.pk != request.user.pk:
            text = (
                f"{account.name} saved. They are signed out wherever they were signed "
                "in, and the change counts when they sign in again."
            )
        else:
            text = f"{account.name} saved."
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
        invitation=invitation_of(account, now=timezone.now()),
        is_linked=is_linked(account),
        **sign_ins(account, session=request.session.session_key),
    )


@requires(Permission.MANAGE_ACCOUNTS)
def account_invite(request: SignedInRequest, pk: int) -> HttpResponse:
    """Invite somebody again, or send them a link to set a new password."""
    if pk == request.user.pk:
        return redirect("account_change_password")
    account = get_object_or_404(User, pk=pk)
    require(request)
    form = InviteForm(request.POST or None)
    has_password = account.has_usable_password()
    return saved(request, form, lambda: _invite(request, account)) or render_form(
        request,
        form,
        title=f"Let {account.name} set a new password"
        if has_password
        else f"Invite {account.name}",
        button="Send the link" if has_password else "Send the invitation",
        back=reverse("account_edit", args=[pk]),
        trail=[
            ("Accounts", reverse("accounts")),
            (account.name, reverse("account_edit", args=[pk])),
        ],
        template="assurance/account_invite.html",
        account=account,
        invitation=invitation_of(account, now=timezone.now()),
        has_password=has_password,
        mail_is_sent=settings.MAIL_IS_SENT,
    )


def _invite(request: SignedInRequest, account: User) -> str:
    """Invite; the link is shown on the next page, once."""
    link = invite(account, by=request.user, request=request)
    request.session[_LINK] = {"account": account.pk, "link": link}
    return reverse("account_invited", args=[account.pk])


@requires(Permission.MANAGE_ACCOUNTS)
def account_invited(request: SignedInRequest, pk: int) -> HttpResponse:
    """The link that was just made, to be given in person where no mail leaves."""
    account = get_object_or_404(User, pk=pk)
    made = request.session.get(_LINK)
    if made and made["account"] == pk:
        del request.session[_LINK]
    else:
        made = None
    return render(
        request,
        "assurance/account_invited.html",
        {
            "account": account,
            "link": made and made["link"],
            "expires_at": expires_at(account),
            "has_link": has_link(account, now=timezone.now()),
            "mail_is_sent": settings.MAIL_IS_SENT,
            "trail": [
                ("Home", reverse("home")),
                ("Accounts", reverse("accounts")),
                (account.name, reverse("account_edit", args=[pk])),
            ],
        },
    )


@requires(Permission.MANAGE_ACCOUNTS)
@require_POST
def account_unlink(request: SignedInRequest, pk: int) -> HttpResponse:
    """Forget who they are at the provider of single sign-on, so that somebody signs in
    with it by their e-mail address again.
    """
    account = get_object_or_404(User, pk=pk)
    if is_stale(request):
        return redirect(address(request, then=reverse("account_edit", args=[pk])))
    unlink(account, request=request)
    messages.success(
        request,
        f"{account.name} is not linked with single sign-on any more. The next time "
        f"they sign in with it as {account.email}, they are linked anew.",
    )
    return redirect("account_edit", pk)


@requires(Permission.MANAGE_ACCOUNTS)
def organisations(request: SignedInRequest) -> HttpResponse:
    everyone = Organisation.objects.annotate(
        active_accounts=Count("users", filter=Q(users__is_active=True))
    ).order_by("name")
    page = Paginator(everyone, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "assurance/organisations.html",
        {
            "page": page,
            "rows": page.object_list,
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
