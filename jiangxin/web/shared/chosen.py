"""What a list page reads from its address and form: the page asked for, the rows ticked."""

from uuid import UUID

from django.http import HttpRequest

from jiangxin.ground.refusal import NotFound


def page_of(request: HttpRequest) -> int:
    """The page of a list asked for in the address, 1 where none or nonsense is."""
    said = request.GET.get("page", "")
    return max(int(said), 1) if said.isdecimal() and len(said) < 7 else 1


def chosen_rows(request: HttpRequest) -> list[UUID]:
    """The keys of the rows ticked; NotFound for what cannot be a key."""
    try:
        return [UUID(said) for said in request.POST.getlist("row")]
    except ValueError:
        raise NotFound() from None
