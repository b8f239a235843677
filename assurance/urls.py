"""All addresses."""

from allauth.account import views as account
from allauth.mfa.base import views as steps
from allauth.mfa.webauthn import views as passkeys
from django.urls import URLPattern, URLResolver, include, path

from assurance.sign_in.limits import begins_sign_in
from assurance.views import account as account_page
from assurance.views import (
    accounts,
    handover,
    history,
    home,
    pages,
    passwords,
    removal,
    second_step,
    single_sign_on,
    unsent,
)

handler400 = pages.bad_request
handler500 = pages.server_error

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("health/live", pages.live, name="live"),
    path("health/ready", pages.ready, name="ready"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("published/", include("meetings.public_urls")),
    path("actions/", include("actions.urls")),
    path("meetings/", include("actions.meeting_urls")),
    path("meetings/", include("meetings.urls")),
    path("record/hand-over/", handover.record_hand_over, name="record_hand_over"),
    path("history/", history.history, name="history"),
    path("history/<slug:kind>/<int:pk>/", history.history_of, name="history_of"),
    path("record/hold/", removal.holds_page, name="holds"),
    path("record/hold/new/", removal.hold_new, name="hold_new"),
    path("record/hold/<int:pk>/lift/", removal.hold_lift, name="hold_lift"),
    path("record/removals/", removal.removals, name="removals"),
    path("record/removals/new/", removal.removal_new, name="removal_new"),
    path("record/removals/<int:pk>/", removal.removal, name="removal"),
    path("record/files/<int:pk>/", removal.removal_file, name="removal_file"),
    path("accounts/users/", accounts.accounts, name="accounts"),
    path("accounts/users/new/", accounts.account_new, name="account_new"),
    path("accounts/users/<int:pk>/", accounts.account_edit, name="account_edit"),
    path(
        "accounts/users/<int:pk>/invite/",
        accounts.account_invite,
        name="account_invite",
    ),
    path(
        "accounts/users/<int:pk>/invited/",
        accounts.account_invited,
        name="account_invited",
    ),
    path(
        "accounts/users/<int:pk>/unlink/",
        accounts.account_unlink,
        name="account_unlink",
    ),
    path(
        "accounts/users/<int:pk>/sign-ins/",
        account_page.account_events_of,
        name="account_events_of",
    ),
    path(
        "accounts/users/<int:pk>/sign-out/",
        account_page.account_sign_out_everywhere,
        name="account_sign_out_everywhere",
    ),
    # One's own account
    path("accounts/account/", account_page.account, name="account"),
    path(
        "accounts/account/sign-ins/", account_page.account_events, name="account_events"
    ),
    path(
        "accounts/account/sign-out/",
        account_page.account_sign_out,
        name="account_sign_out",
    ),
    path("accounts/account/session/", account_page.session_left, name="session_left"),
    path("accounts/unsent/<str:token>/", unsent.unsent, name="unsent"),
    path("accounts/unsent/<str:token>/drop/", unsent.unsent_drop, name="unsent_drop"),
    path(
        "accounts/users/<int:pk>/second-step/",
        second_step.account_second_step,
        name="account_second_step",
    ),
    path("accounts/second-step/", second_step.second_steps, name="second_step"),
    path(
        "accounts/second-step/app/",
        second_step.authenticator_app,
        name="second_step_app",
    ),
    path(
        "accounts/second-step/passkey/",
        second_step.passkey_new,
        name="second_step_passkey",
    ),
    path(
        "accounts/second-step/codes/",
        second_step.recovery_codes,
        name="second_step_codes",
    ),
    path(
        "accounts/second-step/<int:pk>/remove/",
        second_step.step_remove,
        name="second_step_remove",
    ),
    path("accounts/organisations/", accounts.organisations, name="organisations"),
    path(
        "accounts/organisations/new/",
        accounts.organisation_new,
        name="organisation_new",
    ),
    path(
        "accounts/organisations/<int:pk>/",
        accounts.organisation_edit,
        name="organisation_edit",
    ),
    path(
        "accounts/link/<slug:uid>/<slug:token>/",
        passwords.password_set,
        name="password_set",
    ),
    path(
        "accounts/password/forgotten/",
        passwords.password_forgotten,
        name="password_forgotten",
    ),
    path(
        "accounts/password/none/",
        passwords.no_password,
        name="account_set_password",
    ),
    path(
        "accounts/password/link-sent/",
        passwords.password_link_sent,
        name="password_link_sent",
    ),
    path("accounts/single-sign-on/", single_sign_on.begin, name="single_sign_on"),
    path(
        "accounts/single-sign-on/back/",
        single_sign_on.back,
        name="single_sign_on_back",
    ),
    # Of django-allauth only what is used: nobody signs themselves up.
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path(
        "accounts/password/change/",
        account.password_change,
        name="account_change_password",
    ),
    path(
        "accounts/reauthenticate/",
        account.reauthenticate,
        name="account_reauthenticate",
    ),
    path("accounts/login/code/", steps.authenticate, name="mfa_authenticate"),
    path(
        "accounts/login/passkey/",
        begins_sign_in(passkeys.login_webauthn),
        name="mfa_login_webauthn",
    ),
    path(
        "accounts/reauthenticate/code/",
        steps.reauthenticate,
        name="mfa_reauthenticate",
    ),
    path(
        "accounts/reauthenticate/passkey/",
        passkeys.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
]
