"""What rests on a certificate, as far as anybody may know who only issued it (P17): paid, on its way, or nothing."""

from uuid import UUID

from jiangxin.ground.actor import PROVINCE, Actor, seeing
from jiangxin.ground.regions import regions_within
from jiangxin.subsidy.models import LIVE, SubsidyLine


def live_state(actor: Actor, certificate_id: UUID) -> str:
    """The state of the one line of a certificate that holds or held money, wherever it is paid; "" where none does."""
    with seeing(regions_within(PROVINCE)):
        line = SubsidyLine.objects.filter(certificate_id=certificate_id, state__in=LIVE).first()
        return line.state if line else ""
