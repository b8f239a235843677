"""Signing in with the office's own OpenID provider."""

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter


class Adapter(DefaultSocialAccountAdapter):
    """Nobody signs themselves up."""
