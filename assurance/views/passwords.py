"""Setting one's own password with a link, and asking for one."""

import time

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from assurance.forms.accounts import ForgottenPasswordForm, SetPasswordForm
from assurance.http import SignedInRequest
from assurance.models import User
from assurance.permissions import Permission, requires
from assurance.sign_in.invitations import account_with, send_reset_link, set_password

# Stands in the address for the token, which waits in the session.
_IN_SESSION = "now"
_TOKEN = "token_of_link"  # noqa: S105
# Seconds that an answer takes, whether or not there is such an account.
_ANSWER_TAKES = 0.5


@requires(Permission.PUBLIC)
@never_cache
def password_forgotten(request: HttpRequest) -> HttpResponse:
    """The same words after about the same time for any address."""
    form = ForgottenPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        began = time.monotonic()
        address = form.cleaned_data["email"]
        too_many = ratelimit.consume_or_429(
            request, action="password_forgotten", key=address
        )
        if too_many:
            return too_many
        account = User.objects.filter(email=address).first()
        # Who never set a password is invited, or signs in elsewhere.
        if account and account.may_sign_in and account.has_usable_password():
            send_reset_link(account, request=request)
        time.sleep(max(0.0, began + _ANSWER_TAKES - time.monotonic()))
        return redirect("password_link_sent")
    return render(
        request,
        "account/password_forgotten.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


@requires(Permission.PUBLIC)
def password_link_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "account/password_link_sent.html")


@requires(Permission.PUBLIC)
@never_cache
@sensitive_post_parameters("password")
def password_set(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """The page that a link leads to. The token leaves the address bar at once, and only
    a password that is sent uses the link up: programs that look at e-mails open links.
    """
    if token != _IN_SESSION:
        if account_with(uid, token) is None:
            return _dead(request)
        request.session[_TOKEN] = token
        return redirect("password_set", uid, _IN_SESSION)
    token = request.session.get(_TOKEN, "")
    account = account_with(uid, token)
    if account is None:
        return _dead(request)
    form = SetPasswordForm(request.POST or None, account=account)
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["password"]
        if not set_password(uid, token, password, request=request):
            return _dead(request)
        logout(request)
        messages.success(request, "Your password is set. Sign in with it.")
        return redirect("account_login")
    return render(
        request,
        "account/password_set.html",
        {"form": form, "account": account},
        status=422 if form.errors else 200,
    )


@requires(Permission.SIGNED_IN)
def no_password(request: SignedInRequest) -> HttpResponse:
    """Where the library leads who wants to change a password and has none."""
    if request.user.has_usable_password():
        return redirect("account_change_password")
    return render(request, "account/no_password.html")


def _dead(request: HttpRequest) -> HttpResponse:
    request.session.pop(_TOKEN, None)
    return render(request, "account/password_link_dead.html", status=404)
