"""All addresses."""

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path

from assurance.views import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.home, name="home"),
    path("health/live", pages.live, name="live"),
    path("health/ready", pages.ready, name="ready"),
    path("actions/", include("actions.urls")),
    path("meetings/", include("meetings.urls")),
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
