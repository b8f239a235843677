"""Signing in with the office's OpenID provider, if one is set."""

from allauth.account.adapter import get_adapter
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from assurance.permissions import Permission, requires
from assurance.sign_in import limits, single_sign_on


@requires(Permission.PUBLIC)
@never_cache
@require_safe
def begin(request: HttpRequest) -> HttpResponse:
    """A link leads here, not a form: a browser would refuse to follow a form's answer
    to another site.
    """
    if not single_sign_on.is_on():
        raise Http404
    if refused := limits.too_many(request):
        return refused
    target = request.GET.get("next", "")
    is_safe = get_adapter(request).is_safe_url(target)
    return single_sign_on.begin(request, next_url=target if is_safe else None)


@requires(Permission.PUBLIC)
@never_cache
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    if not single_sign_on.is_on():
        raise Http404
    return single_sign_on.finish(request)
