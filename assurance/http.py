"""The request as signed-in views know it."""

from django.http import HttpRequest

from assurance.models import User


class SignedInRequest(HttpRequest):
    """A request whose visitor is known: every view but the public ones gets it."""

    user: User
