"""What officers do at their desks, in the words of their pages: each a stretch of the main line, told once."""

import re

from jiangxin.ground.identity import mask_name
from tests.journeys.people import Person, Street

LEADERS = ("jiashan-checker", "jiashan-leader", "jiaxing-leader")
# The bank looks into its outbox every two seconds.
BANK_SECONDS = 5
FINDING = "已电话核实本人，参加了培训和考核。"


def fresh_code(street: Street, person: Person) -> str:
    """The account's code of this moment, as the demo shows it; waits where both of this moment are used up."""
    codes = street.person("")
    while True:
        row = codes.open("/demo").main.get_by_role("row").filter(has_text=f"{person.role} ".strip())
        said = re.search(rf"{person.role}\b.*?(\d{{6}})?\s*去登录", row.first.inner_text(), re.DOTALL)
        if said and said.group(1):
            return said.group(1)
        codes.page.wait_for_timeout(1000)


def look_for_work(street: Street) -> None:
    """Somebody does not wait for the minute at which the main line looks by itself."""
    maker = street.person("jiashan-maker").open("/desk/mainline/")
    if maker.main.get_by_role("button", name="现在就看").count():
        maker.press("现在就看")
    maker.waits_for("没有等系统办的")


def post_notice(street: Street) -> Person:
    """The maker posts everything that waits to be posted."""
    maker = street.person("jiashan-maker").open("/desk/notices/")
    return maker.press(re.compile("^张贴选中的")).sees("公示已张贴")


def notice_days_pass(street: Street) -> None:
    """The days of a notice, and one more: what was not objected to is asked for holds."""
    street.person("jiashan-maker").open("/desk/").passes_days(6)
    look_for_work(street)


def release_hold(street: Street, name: str) -> None:
    """Maker and checker look into what holds a person's line, or, where nothing does, into the first hold there is."""
    for role in ("jiashan-maker", "jiashan-checker"):
        person = street.person(role).open("/desk/holds/")
        rows = person.main.get_by_role("row").filter(has_text="等第")
        own = rows.filter(has=person.page.get_by_role("link", name=mask_name(name)))
        person.press(re.compile("."), among=own.first if own.count() else rows.first)
        if role == "jiashan-maker":
            person.fill("查到的情况", FINDING).press("记下，请另一位同事看")
        else:
            person.choose("放行，继续付款").press("签第二个")
        person.sees("要核查")


def approve(street: Street) -> None:
    """The maker sends every line that may be approved; checker and leader sign, and a second leader above the limit."""
    maker = street.person("jiashan-maker").open("/desk/sheets/").press("选中的送审").sees("已送审")
    year, number = maker.counts(r"(\d+) 年第 (\d+) 张")
    for role in LEADERS:
        signer = street.person(role)
        if role == LEADERS[-1]:
            signer.open("/desk/account").press(re.compile("^去嘉善县"))
        signer.open("/desk/approvals/").press(f"{year} 年第 {number} 张")
        if role == LEADERS[-1] and "已通过" in signer.main.inner_text():
            continue
        signer.choose("通过").fill("动态码", fresh_code(street, signer)).press(re.compile("^签：")).sees("已签")
    look_for_work(street)


def pay(street: Street) -> None:
    """The releaser sends the batch that was sealed last, the bank pays all of it, the reconciler signs."""
    releaser = street.person("jiashan-releaser").open("/desk/batches/?state=sealed")
    batch = max((link.inner_text(), str(link.get_attribute("href"))) for link in releaser.main.locator("th a").all())[1]
    releaser.press("演示：下一次银行怎么答").choose("全部成功").press("就这样回").sees("记下了")
    releaser.open(batch).fill("动态码", fresh_code(street, releaser)).press(re.compile("^放行："))
    releaser.waits_for("放行送银行").page.wait_for_timeout(BANK_SECONDS * 1000)
    look_for_work(street)
    releaser.waits_for("回单已入账", seconds=90)
    reconciler = street.person("jiashan-reconciler").open(batch)
    reconciler.fill("动态码", fresh_code(street, reconciler)).press(re.compile("^对账签字")).sees("已对账，分文不差")


def alter_pool(street: Street, yuan: str, document: str) -> Person:
    """One of the budget enters an allotment (negative: taken back), another confirms it; returns the first."""
    first, second = street.person("jiashan-budget"), street.person("jiashan-budget2")
    first.open("/desk/pools/").press("就业补助资金").fill("金额（元）", yuan).fill("文号", document)
    first.press("登记").sees("已登记")
    second.open("/desk/pools/").press("确认").sees("已确认，钱可以用了")
    return first
