"""The second step of one's own account, and of somebody who has lost theirs."""

import base64
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    SECRET_SESSION_KEY,
    clear_totp_secret,
    get_totp_secret,
)
from allauth.mfa.webauthn.internal import auth as passkeys
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from assurance.forms.base import GovukForm, render_form, saved
from assurance.forms.second_step import AppForm, PasskeyForm
from assurance.http import SignedInRequest
from assurance.models import User
from assurance.permissions import Permission, requires
from assurance.sign_in import second_step
from assurance.sign_in.confirming import confirmed, require


@requires(Permission.SIGNED_IN)
def second_steps(request: SignedInRequest) -> HttpResponse:
    steps = list(second_step.steps(request.user))
    codes = _codes(request.user)
    return render(
        request,
        "mfa/index.html",
        {
            "app": next((row for row in steps if row.type == second_step.APP), None),
            "passkeys": [row for row in steps if row.type == second_step.PASSKEY],
            "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
            "may_remove": _may_remove(request.user, steps),
            "must_have_one": second_step.must_have_one(request.user),
            "trail": [("Home", reverse("home")), ("Your account", reverse("account"))],
        },
    )


def _may_remove(user: User, steps: list[Authenticator]) -> bool:
    return len(steps) > 1 or not second_step.must_have_one(user)


def _codes(user: User) -> Authenticator | None:
    return Authenticator.objects.filter(user=user, type=second_step.CODES).first()


@requires(Permission.SIGNED_IN)
@confirmed
def authenticator_app(request: SignedInRequest) -> HttpResponse:
    """Set up an app, or another one in its place."""
    if request.method == "POST" and SECRET_SESSION_KEY not in request.session:
        messages.warning(request, "That page was too old. Scan the code below instead.")
        return redirect("second_step_app")
    secret = get_totp_secret(regenerate=request.method != "POST")
    form = AppForm(request.POST or None, secret=secret)

    def write() -> str:
        second_step.add_app(request, secret=secret, counter=form.counter)
        clear_totp_secret(request)
        messages.success(
            request,
            "Authenticator app set up. From now on you sign in with a code of it.",
        )
        return reverse("second_step_codes")

    address = get_adapter().build_totp_url(request.user, secret)
    picture = get_adapter().build_totp_svg(address).encode()
    return _added(request, saved(request, form, write)) or render_form(
        request,
        form,
        title="Set up an authenticator app",
        button="Set up the app",
        back=reverse("second_step"),
        trail=_trail(),
        template="mfa/app.html",
        picture=f"data:image/svg+xml;base64,{base64.b64encode(picture).decode()}",
        key=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        address=address,
        is_replacing=second_step.steps(request.user)
        .filter(type=second_step.APP)
        .exists(),
    )


@requires(Permission.SIGNED_IN)
@confirmed
def passkey_new(request: SignedInRequest) -> HttpResponse:
    form = PasskeyForm(request.POST or None)

    def write() -> str:
        name = form.cleaned_data["name"]
        second_step.add_passkey(
            request, name=name, credential=form.cleaned_data["credential"]
        )
        messages.success(
            request,
            f"Passkey {name} added. It signs you in alone, without your password.",
        )
        return reverse("second_step_codes")

    return _added(request, saved(request, form, write)) or render_form(
        request,
        form,
        title="Add a passkey",
        button="",
        back=reverse("second_step"),
        trail=_trail(),
        template="mfa/passkey.html",
        options=passkeys.begin_registration(request.user, passwordless=True),
    )


def _added(
    request: SignedInRequest, response: HttpResponse | None
) -> HttpResponse | None:
    """Whoever has an old cookie of this session does not have what it has become."""
    if response:
        request.session.cycle_key()
    return response


@requires(Permission.SIGNED_IN)
def step_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    steps = second_step.steps(request.user)
    step = get_object_or_404(steps, pk=pk)
    require(request)
    form = GovukForm(_sent(request))
    name = "your authenticator app" if step.type == second_step.APP else f"{step}"

    def write() -> str:
        second_step.remove(request, step)
        messages.success(request, f"Removed {name}. It lets nobody in any more.")
        return reverse("second_step")

    may_remove = _may_remove(request.user, list(steps))
    return saved(request, form, write) or render_form(
        request,
        form,
        title=f"Remove {name}?",
        button="Remove it" if may_remove else "",
        is_warning=True,
        back=reverse("second_step"),
        trail=_trail(),
        lead="It lets nobody in any more. Wherever else you are signed in, you are "
        "signed out."
        if may_remove
        else "It is your only second step, so it stays. Set up another one first.",
    )


@requires(Permission.SIGNED_IN)
@confirmed
def recovery_codes(request: SignedInRequest) -> HttpResponse:
    """Shown once, to whoever asks first after they were made."""
    codes = _codes(request.user)
    if codes is None:
        raise Http404
    form = GovukForm(_sent(request))

    def write() -> str:
        second_step.make_codes(request)
        messages.success(request, "New codes made. The old ones have stopped working.")
        return reverse("second_step_codes")

    codes_of_account: Any = codes.wrap()
    response = saved(request, form, write)
    if response:
        return response
    is_new = not codes_of_account.did_view
    codes_of_account.mark_as_viewed()
    unused = codes_of_account.get_unused_codes()
    return render_form(
        request,
        form,
        title="Your recovery codes" if is_new else "Recovery codes",
        button="" if is_new else "Make new codes",
        back="" if is_new else reverse("second_step"),
        trail=_trail(),
        template="mfa/codes.html",
        codes=unused if is_new else [],
        file=_as_file(request.user, unused) if is_new else "",
        left=len(unused),
    )


def _as_file(user: User, codes: list[str]) -> str:
    """What somebody keeps."""
    lines = (
        f"Recovery codes of {user.email} for {settings.SERVICE_NAME}",
        f"{settings.OFFICE_NAME}, {timezone.localdate():%-d %B %Y}",
        "",
        *codes,
        "",
        "Each lets you in once, in place of a code of your app or a passkey.",
    )
    return "\r\n".join(lines) + "\r\n"


def _sent(request: SignedInRequest) -> QueryDict | None:
    """Of a form without fields even nothing is something."""
    return request.POST if request.method == "POST" else None


def _trail() -> list[tuple[str, str]]:
    return [
        ("Your account", reverse("account")),
        ("Second step", reverse("second_step")),
    ]


@requires(Permission.MANAGE_ACCOUNTS)
def account_second_step(request: SignedInRequest, pk: int) -> HttpResponse:
    """Remove the second steps of somebody who lost theirs; never one's own."""
    if pk == request.user.pk:
        return redirect("second_step")
    account = get_object_or_404(User, pk=pk)
    require(request)
    form = GovukForm(_sent(request))
    has_any = second_step.steps(account).exists()

    def write() -> str:
        second_step.remove_all(request, account)
        messages.success(
            request,
            f"Second steps of {account.name} removed, and they are signed out. They "
            "set up a new one when they next sign in.",
        )
        return reverse("account_edit", args=[pk])

    return saved(request, form, write) or render_form(
        request,
        form,
        title=f"Remove the second steps of {account.name}?",
        button="Remove their second steps" if has_any else "",
        is_warning=True,
        back=reverse("account_edit", args=[pk]),
        trail=[
            ("Accounts", reverse("accounts")),
            (account.name, reverse("account_edit", args=[pk])),
        ],
        template="mfa/remove_all.html",
        account=account,
        has_any=has_any,
    )
