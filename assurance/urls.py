"""All addresses."""

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path

from assurance.views import accounts, home, pages

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
    path("accounts/users/", accounts.accounts, name="accounts"),
    path("accounts/users/new/", accounts.account_new, name="account_new"),
    path("accounts/users/<int:pk>/", accounts.account_edit, name="account_edit"),
    path(
        "accounts/users/<int:pk>/password/",
        accounts.account_password,
        name="account_password",
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
]
