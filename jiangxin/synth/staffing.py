"""The demo's firms at work: their lists sent and loaded, a class kept for the employer, some of its people in it."""

from dataclasses import dataclass
from datetime import timedelta

from jiangxin.ground.actor import acting
from jiangxin.ground.clock import day_of, opening_of, read_clock
from jiangxin.ground.identity import mask_number
from jiangxin.parties.models import Organisation
from jiangxin.parties.operations.workforce import enter_workforce, receive_workforce, workforce_roster
from jiangxin.parties.queries.workforce import workforce_of
from jiangxin.parties.workforce import EMPLOYMENTS
from jiangxin.subsidy.queries.worth import class_worth
from jiangxin.synth.firms import FIRMS, Firm, people_of
from jiangxin.synth.schooling import Schooling
from jiangxin.training.operations.rosters import enrol_staff, offer_class

SENT = 6


@dataclass
class Staffing:
    """What the firms did in the last weeks, beside the school."""

    school: Schooling

    def perform(self) -> None:
        """Both lists loaded, one more waiting with a wrong row; a class to come, offered, with some people in it."""
        today = day_of(read_clock())
        for firm in FIRMS:
            self.enter(firm)
        self.leave_a_wrong_list(FIRMS[0])
        found = self.school.opened(self.school.days(today, 45), opening_of(today - timedelta(days=12)), level="4")
        clerk, sender = self.school.actor("school-1"), self.school.actor(FIRMS[0].username)
        employer = Organisation.objects.get(pk__in=[sender.body_id])
        with acting(clerk) as at:
            offer_class(clerk, at, found.id, employer.credit_code)
        with acting(sender) as at:
            chosen = list(workforce_of(employer.id, today).values_list("person_id", flat=True)[:SENT])
            enrol_staff(sender, at, found.id, chosen, class_worth)
        self.school.say(f"企业：{sum(one.people for one in FIRMS)} 人在用工名册，{SENT} 人由单位报班")

    def enter(self, firm: Firm) -> None:
        """The whole list of a firm, by the template its clerk fills in."""
        clerk = self.school.actor(firm.username)
        word = EMPLOYMENTS[firm.kind]
        with acting(clerk) as at:
            rows = [
                (one.person.name, None, one.person.number, None, None, None, word, one.from_on)
                for one in people_of(firm)
            ]
            data = workforce_roster(clerk, at).template(rows)
            file = receive_workforce(clerk, at, "用工名册.xlsx", data)
            enter_workforce(clerk, at, file.id)

    def leave_a_wrong_list(self, firm: Firm) -> None:
        """A list with a number cut short: it waits for the clerk."""
        clerk, one = self.school.actor(firm.username), people_of(firm)[0]
        with acting(clerk) as at:
            short, word = mask_number(one.person.number)[:6], EMPLOYMENTS[firm.kind]
            row = ("新进演示", None, short, None, None, None, word, at.date())
            receive_workforce(clerk, at, "三月新进.xlsx", workforce_roster(clerk, at).template([row]))
