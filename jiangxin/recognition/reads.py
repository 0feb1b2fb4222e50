"""Reads for the pages of recognition: what a body holds and asked for, what waits at a desk, the directory."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from jiangxin.ground.regions import chain
from jiangxin.parties.models import Account, Office
from jiangxin.recognition.cases import Application, Measure, PromiseCheck, Review
from jiangxin.recognition.models import Title

WAITING = ("submitted", "reviewing", "proposed", "publicity")


def titles_of(body_id: UUID) -> list[Title]:
    """The titles of a body, those in force first, with what they cover."""
    found = Title.objects.filter(organisation_id=body_id).select_related("region").prefetch_related("scopes")
    return list(found.order_by("-from_on", "kind"))


def applications_of(body_id: UUID) -> list[Application]:
    """What a body asked for, the latest first."""
    return list(Application.objects.filter(body_id=body_id).select_related("region").order_by("-state_since"))


def application_of(body_id: UUID, application_id: UUID) -> Application | None:
    """One application of a body's own."""
    found = Application.objects.filter(pk=application_id, body_id=body_id).select_related("body", "region")
    return found.first()


def measures_of(body_id: UUID) -> list[Measure]:
    """Measures about a body that it may see, open ones first."""
    found = Measure.objects.filter(body_id=body_id).select_related("title", "region")
    return sorted(found.order_by("-opened_at"), key=lambda one: one.state != "open")


def applications_in(regions: Collection[int], state: str) -> QuerySet[Application]:
    """Applications of these regions in one state, by their last day."""
    found = Application.objects.filter(region_id__in=regions, state=state).select_related("body", "region")
    return found.order_by("due_on", "state_since", "id")


def application_counts(regions: Collection[int]) -> dict[str, int]:
    """How many applications of these regions are in each state."""
    found = Application.objects.filter(region_id__in=regions).values_list("state").annotate(Count("id"))
    return dict(found.values_list("state", "id__count"))


def application_in(regions: Collection[int], application_id: UUID) -> Application | None:
    """One application decided in these regions."""
    found = Application.objects.filter(pk=application_id, region_id__in=regions).exclude(state="draft")
    return found.select_related("body", "region", "signed_by", "proposed_by", "decided_by").first()


def checks_in(regions: Collection[int]) -> QuerySet[PromiseCheck]:
    """Promises still to be looked at or put right, by their day."""
    found = PromiseCheck.objects.filter(region_id__in=regions, state__in=("due", "untrue"))
    return found.select_related("body", "application").order_by("due_on", "id")


def measures_in(regions: Collection[int], *, is_open: bool) -> QuerySet[Measure]:
    """Measures of these regions, open or over."""
    found = Measure.objects.filter(region_id__in=regions)
    found = found.filter(state="open") if is_open else found.exclude(state="open")
    return found.select_related("body", "title", "opened_by", "decided_by").order_by("-opened_at", "-id")


def measure_in(regions: Collection[int], measure_id: UUID) -> Measure | None:
    """One measure of these regions."""
    found = Measure.objects.filter(pk=measure_id, region_id__in=regions)
    return found.select_related("body", "title", "opened_by", "decided_by").first()


def directory(on: date, find: str = "", kind: str = "provider", region_id: int | None = None) -> QuerySet[Title]:
    """Titles of a kind in force on a day, by name: the public directory (facts 3.1); of a region's bodies, or all."""
    found = Title.objects.filter(
        Q(until_on=None) | Q(until_on__gte=on), kind=kind, from_on__lte=on, ended_at=None
    ).exclude(load__state="withdrawn")
    if find:
        found = found.filter(Q(organisation__name__contains=find) | Q(organisation__region__name__contains=find))
    if region_id is not None:
        found = found.filter(organisation__region_id=region_id)
    return found.select_related("organisation__region", "region").order_by("organisation__name", "id")


def directory_places(on: date, kind: str) -> list[tuple[int, str, int]]:
    """Where the bodies of the directory are: (region, name, how many bodies), most first."""
    found = directory(on, "", kind).order_by().values_list("organisation__region_id", "organisation__region__name")
    counted = found.annotate(bodies=Count("organisation", distinct=True))
    return sorted(((key, name, bodies) for key, name, bodies in counted), key=lambda row: (-row[2], row[0]))


def in_force_about(body_id: UUID, at: datetime) -> list[Measure]:
    """Measures in force about a body now, as everybody may know them."""
    return list(Measure.objects.filter(body_id=body_id, state="in_force").order_by("-decided_at"))


def bodies_of(regions: Collection[int]) -> list[tuple[UUID, str]]:
    """Bodies with a title in force in these regions: (key, name)."""
    found = Title.objects.filter(region_id__in=regions, ended_at=None).select_related("organisation")
    return sorted({(one.organisation_id, one.organisation.name) for one in found}, key=lambda pair: pair[1])


def suspensions_over(today: date) -> int:
    """How many suspensions passed their last day."""
    return Measure.objects.filter(kind="suspension", state="in_force", until_on__lt=today).count()


def publicity_over(today: date) -> int:
    """How many applications were posted for their whole term."""
    return Application.objects.filter(state="publicity", posted_until__lt=today).count()


def fit_reviewers(region_id: int, today: date) -> QuerySet[Account]:
    """Who may judge an application of a region: a training officer of its desk or of one above, on a day."""
    found = Account.objects.filter(
        Q(duties__until_on=None) | Q(duties__until_on__gte=today),
        kind="staff", is_active=True, office__region_id__in=chain(region_id),
        duties__duty="training", duties__from_on__lte=today, duties__ended_at=None,
    )  # fmt: skip
    return found.select_related("office").order_by("office__region_id", "name", "id").distinct()


def reviews_of(application_id: UUID) -> list[Review]:
    """Who was asked to judge an application, and what each said, in the order of asking."""
    found = Review.objects.filter(application_id=application_id).select_related("reviewer__office")
    return list(found.order_by("invited_at", "id"))


def reviews_for(account_id: UUID, *, is_open: bool) -> QuerySet[Review]:
    """What one expert is asked to judge and still can, or what is behind."""
    found = Review.objects.filter(reviewer_id=account_id).select_related("application__body", "application__region")
    mine = Q(answered_at=None, application__state="reviewing") & ~Q(conflict=True)
    return (found.filter(mine) if is_open else found.exclude(mine)).order_by("-invited_at", "-id")


def review_for(account_id: UUID, review_id: UUID) -> Review | None:
    """One review that an expert was asked for."""
    found = Review.objects.filter(pk=review_id, reviewer_id=account_id)
    return found.select_related("application__body", "application__region").first()


def posted(today: date, find: str = "") -> QuerySet[Application]:
    """Applications that are posted today for everybody to object to (P16); taken down when their days are over."""
    found = Application.objects.filter(state="publicity", posted_until__gte=today)
    if find:
        found = found.filter(Q(body__name__contains=find) | Q(region__name__contains=find))
    return found.select_related("body", "region").order_by("posted_until", "id")


def desk_of(region_id: int) -> Office | None:
    """The office that decides for a region, with its telephone."""
    return Office.objects.filter(region_id=region_id, closed_on=None).exclude(kind="zone").first()
