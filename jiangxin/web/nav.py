"""The menus: every entry is a line here, added together with its page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """An entry of a menu: `to` is the name of an address; shown to whoever holds one of the duties (none: to all).

    What waits for its reader is counted beside it (`staff.work`); `note` says more.
    """

    label: str
    to: str
    icon: str
    duties: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Part:
    """A titled part of a menu."""

    title: str
    links: tuple[Link, ...]


PUBLIC = (
    Part(
        "",
        (
            Link("首页", "home", "home"),
            Link("公示", "notices", "speakerphone", note="正在公示的名单，可以对其中一行提异议"),
            Link("在招的班", "classes", "school", note="在哪上、什么时候、还有几个座位"),
            Link("项目目录", "project-catalogue", "certificate", note="补贴的项目制培训：学什么、多少学时、补多少"),
            Link("认定公示", "postings", "rubber-stamp", note="哪些机构将被认定，有意见怎么提"),
            Link("机构目录", "providers", "building", note="谁可以培训、谁可以评价"),
            Link("能领多少", "estimate", "coin-yuan", note="选地区、职业、等级，看当地现在的标准和出处"),
            Link("政策与标准", "law", "scale", note="每项规定的数字、出处、从哪天起"),
        ),
    ),
)
WORKER = (
    Part(
        "",
        (
            Link("首页", "worker-home", "home"),
            Link("学习", "worker-learning", "school"),
            Link("我的证书", "worker-certificates", "certificate"),
            Link("我的钱", "worker-money", "coin-yuan"),
            Link("我的", "worker-me", "user"),
        ),
    ),
)
PROVIDER = (
    Part(
        "每天",
        (
            Link("我的资质", "provider-titles", "certificate", ("school", "head", "clerk")),
            Link("班级", "provider-classes", "users", ("school", "head")),
            Link("教室", "provider-rooms", "building", ("school", "head")),
            Link("教师", "provider-teachers", "id-badge-2", ("school", "head")),
            Link("上课签到", "provider-lessons", "calendar-event", ("teacher", "school", "head")),
            Link("补记", "provider-exceptions", "inbox", ("school", "head")),
            Link("结算", "provider-settlements", "coin-yuan", ("school", "head", "employer")),
            Link("结果导入", "provider-results", "file-import", ("clerk",)),
            Link("上传结果", "provider-send-results", "upload", ("clerk",)),
            Link("证书", "provider-certificates", "certificate", ("clerk",)),
            Link("评价计划", "provider-exams", "calendar-event", ("clerk", "head", "examiner")),
            Link("年度评价计划", "provider-yearly-plan", "calendar-event", ("clerk", "head")),
            Link("考评员", "provider-examiners", "id-badge-2", ("clerk",)),
        ),
    ),
    Part(
        "用工",
        (
            Link("我的人员", "provider-staff", "users", ("employer",)),
            Link("给员工报班", "provider-staff-classes", "school", ("employer",)),
            Link("员工的班", "provider-staff-seats", "calendar-event", ("employer",)),
        ),
    ),
)
MONEY = ("releaser", "reconciler", "maker", "checker", "leader", "budget", "viewer")
STAFF = (
    Part(
        "每天",
        (
            Link("今日", "staff-home", "home"),
            Link("核定", "staff-decisions", "scale"),
            Link("待核实", "staff-waiting", "hourglass-empty", ("maker", "checker", "register", "viewer")),
            Link("班级结算", "staff-settlements", "coins", ("maker", "checker", "leader", "viewer")),
            Link("公示", "staff-notices", "speakerphone", ("maker", "checker", "leader", "viewer")),
            Link("异议", "staff-objections", "alert-circle", ("maker", "checker", "leader", "viewer")),
            Link("付款前核查", "staff-holds", "search", ("maker", "checker", "leader")),
            Link("送审", "staff-sheets", "upload", ("maker",)),
            Link("登记数据", "staff-registers", "file-import", ("register",)),
            Link("评价计划备案", "staff-exams", "calendar-event", ("training",)),
            Link("复核审批", "staff-approvals", "rubber-stamp", ("checker", "leader", "maker", "viewer")),
        ),
    ),
    Part(
        "培训",
        (
            Link("认定申请", "staff-applications", "file-import", ("training", "leader", "viewer")),
            Link("评审", "staff-reviews", "scale", ("training",)),
            Link("承诺核查", "staff-promise-checks", "search", ("training",)),
            Link("年度评价计划", "staff-yearly-plans", "calendar-event", ("training", "viewer")),
            Link("处置", "staff-measures", "alert-circle", ("training", "leader", "viewer")),
            Link("开班审核", "staff-openings", "rubber-stamp", ("training", "viewer")),
            Link("今天的课", "staff-lessons", "school", ("training", "viewer")),
            Link("补记", "staff-exceptions", "inbox", ("training",)),
            Link("线上平台", "staff-platforms", "switch-horizontal", ("training", "viewer")),
            Link("培训项目目录", "staff-project-catalogue", "certificate", ("training", "leader", "viewer")),
            Link("培训券", "staff-vouchers", "wallet", ("training", "budget", "viewer")),
        ),
    ),
    Part(
        "资金",
        (
            Link("资金池", "staff-pools", "coins"),
            Link("银行批次", "staff-batches", "building-bank", MONEY),
            Link("银行回单", "staff-returns", "mail-opened", MONEY),
            Link("付款失败", "staff-failed", "arrow-back-up", MONEY),
            Link("对账", "staff-reconciliation", "scale", MONEY),
            Link("付款账户", "staff-paying-accounts", "credit-card", ("budget", "releaser", "reconciler", "viewer")),
            Link("主线", "staff-mainline", "refresh"),
        ),
    ),
    Part(
        "查",
        (
            Link("人员", "staff-people", "user-search", ("maker", "checker", "leader", "register")),
            Link("政策与标准", "staff-law", "scale"),
            Link("提出标准", "staff-propose-standard", "plus", ("budget",)),
            Link("待确认标准", "staff-standards", "hourglass-empty", ("budget", "leader", "viewer")),
            Link("职业类别", "staff-classes", "school"),
        ),
    ),
    Part("账号", (Link("我的岗位", "staff-account", "user-circle"),)),
)

MENUS = {"public": PUBLIC, "worker": WORKER, "provider": PROVIDER, "staff": STAFF}
