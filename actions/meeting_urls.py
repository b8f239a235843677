"""Addresses below a meeting that concern its actions."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
