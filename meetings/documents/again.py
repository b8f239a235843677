"""Documents of published versions made again, from what a removal leaves of them."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from meetings.documents.published import published_documents
from meetings.removal import Made, ToMake

# A PDF is made in a process of its own: some at once.
_AT_ONCE = 4


def make_again(
    versions: Iterable[ToMake], address_of: Callable[[int], str]
) -> dict[int, Made]:
    """By version. ``address_of`` gives that of a meeting's public page."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        waiting = {
            version.pk: (
                version.digest,
                pool.submit(
                    published_documents,
                    version.record,
                    number=version.number,
                    on=version.on,
                    address=address_of(version.meeting_pk),
                    removed=True,
                ),
            )
            for version in versions
        }
        return {
            pk: Made(digest, documents.result())
            for pk, (digest, documents) in waiting.items()
        }
