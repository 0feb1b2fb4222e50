"""What a page of phone or public weighs on the line: text, styles and scripts, compressed, without pictures."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from jiangxin.parties.models import Person
from tests.web.village import Village, enter

pytestmark = pytest.mark.role("web")
LIMIT = 60_000


@pytest.fixture(scope="module")
def village(clone: str) -> Village:
    return Village.built()


def weight(browser: Client, address: str) -> int:
    """The compressed bytes of a page with every style sheet and script that it names."""
    answer = browser.get(address)
    assert answer.status_code == 200
    said = answer.content.decode()
    named = re.findall(r'<(?:link rel="stylesheet" href|script src)="/static/([^"]+)"', said)
    assert "jx.css" in named
    files = [Path(settings.STATIC_ROOT) / name for name in named]
    return sum(len(gzip.compress(part)) for part in (answer.content, *(file.read_bytes() for file in files)))


@pytest.mark.parametrize("address", ["/", "/notices", "/estimate", "/law?region=330421&on=2026-03-02",
                                     "/law/certificate_subsidy"])  # fmt: skip
def test_a_public_page_is_light(village, address):
    assert weight(Client(), address) < LIMIT


def test_the_phone_is_light(village):
    line = village.line()
    notice = village.notice(line)
    browser = enter(Person.objects.get(pk=line.person_id))
    mine = ("", "money", f"money/{line.pk}/rules", "learning", "certificates", "archive")
    for address in (*(f"/me/{page}" for page in mine), f"/notices/{notice.pk}"):
        assert weight(browser, address) < LIMIT, address
