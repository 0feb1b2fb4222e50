"""A village whose staff can sign in at the desk."""

from uuid import UUID

from django.test import Client

from jiangxin.ground.journal import JournalEntry
from jiangxin.parties.models import Account
from jiangxin.subsidy.models import SubsidyLine
from tests.factories.whole import whole
from tests.web.people import credentials, staff
from tests.web.village import Village

DUTIES = {"maker": "经办甲", "checker": "复核乙", "register": "数据丙"}
FAR = 330522


def desk() -> Village:
    """A village with a maker, a checker and a data keeper, and a maker of another county."""
    village = Village.built()
    opened: dict[str, Account] = {}
    for duty, name in DUTIES.items():
        staff(opened, f"web-{duty}", name, duty)
    staff(opened, "far-maker", "外县经办", "maker", FAR)
    return village


def at_desk(username: str) -> Client:
    """A browser in which this account is signed in."""
    browser = Client()
    assert browser.post("/sign-in", credentials(username)).status_code == 302
    return browser


def page(browser: Client, address: str) -> str:
    """The page as it reads."""
    answer = browser.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def noted(verb: str, subject: UUID | None = None) -> list[JournalEntry]:
    """The journal's entries of a deed."""
    found = JournalEntry.objects.filter(verb=verb)
    with whole():
        return list(found.filter(subject_id=subject) if subject else found)


def to_approve(village: Village) -> SubsidyLine:
    """A line whose notice is over and that nothing holds."""
    line = village.line()
    village.notice(line)
    return village.walk(line, ("ended_notice", "noticed"), ("cleared", "to_approve"))
