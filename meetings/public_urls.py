"""Addresses of what the public reads."""

from django.urls import path

from meetings.views import published

urlpatterns = [
    path("", published.published, name="published"),
    path("feed/", published.published_feed, name="published_feed"),
    path("<int:pk>/", published.published_minutes, name="published_minutes"),
]
